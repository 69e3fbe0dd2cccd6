// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SettlementAnchor} from "../src/SettlementAnchor.sol";
import {ICommonErrors} from "../src/interfaces/ICommonErrors.sol";
import {ISettlementAnchor} from "../src/interfaces/ISettlementAnchor.sol";
import {WorldTest} from "./World.sol";

contract SettlementAnchorProposeTest is WorldTest {
    function test_constructor_revertsOnZerosAndLongWindows() public {
        expectRevert(ICommonErrors.ZeroAddress.selector);
        new SettlementAnchor(address(0), GUARDIAN, registry, vault, baselines, notifier, 1);
        expectRevert(ICommonErrors.ZeroAddress.selector);
        new SettlementAnchor(OPERATOR, address(0), registry, vault, baselines, notifier, 1);
        expectRevert(
            abi.encodeWithSelector(ISettlementAnchor.WindowTooLong.selector, 365 days + 1)
        );
        new SettlementAnchor(
            OPERATOR, GUARDIAN, registry, vault, baselines, notifier, 365 days + 1
        );
    }

    function test_propose_revertsForAnyoneButTheOperator(address caller) public {
        vm.assume(caller != OPERATOR);
        commit(eventOf(1));
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, caller));
        vm.prank(caller);
        anchor.propose(header(1));
    }

    function test_propose_revertsWhilePaused() public {
        commit(eventOf(1));
        vm.prank(GUARDIAN);
        anchor.pause();
        expectPropose(
            header(1), abi.encodeWithSelector(ISettlementAnchor.ProposalsPaused.selector)
        );
        vm.prank(GUARDIAN);
        anchor.unpause();
        assertEq(propose(header(1)), 1, "period");
    }

    function test_propose_revertsWithoutRootOrLeaves() public {
        commit(eventOf(1));
        bytes memory empty = abi.encodeWithSelector(ISettlementAnchor.EmptySettlement.selector);
        ISettlementAnchor.Header memory rootless = header(1);
        rootless.root = 0;
        expectPropose(rootless, empty);
        ISettlementAnchor.Header memory leafless = header(1);
        leafless.leafCount = 0;
        expectPropose(leafless, empty);
    }

    function test_propose_revertsOnBaselinesThatWereNotCommitted(bytes32 other) public {
        vm.assume(other != BASELINES);
        ISettlementAnchor.Header memory proposed = header(1);
        expectPropose(proposed, notCommitted(BASELINES, 0));
        // An event without a commitment has a root of zero.
        proposed.baselinesRoot = 0;
        expectPropose(proposed, notCommitted(0, 0));
        commit(eventOf(1));
        proposed.baselinesRoot = other;
        expectPropose(proposed, notCommitted(other, BASELINES));
    }

    function test_propose_revertsOnARevisionOutOfTurn(uint32 revision) public {
        commit(eventOf(1));
        ISettlementAnchor.Header memory proposed = header(1);
        proposed.revision = revision == 1 ? 2 : revision;
        expectPropose(proposed, wrongRevision(proposed.revision));
        propose(header(1));
        expectPropose(header(1), wrongRevision(1));
    }

    function test_propose_revertsWhileTheEarlierRevisionIsOpen() public {
        uint256 period = proposeFirst(1);
        ISettlementAnchor.Header memory second = header(2);
        bytes memory pending =
            abi.encodeWithSelector(ISettlementAnchor.RevisionPending.selector, period);
        expectPropose(second, pending);
        attestAll(period);
        expectPropose(second, pending);
        vm.warp(block.timestamp + WINDOW_S);
        anchor.finalize(period);
        assertEq(propose(second), 2, "after a final one");
        for (uint256 i; i < 2; ++i) {
            vm.prank(founder(i));
            anchor.object(2, "wrong");
        }
        assertEq(propose(header(3)), 3, "after a rejected one");
        assertEq(anchor.periodOf(eventOf(1), 3), 3, "period of the third");
    }

    function test_propose_revertsOnTotalsThatDoNotFit(uint256 excess) public {
        commit(eventOf(1));
        ISettlementAnchor.Header memory proposed = header(1);
        proposed.totalPay = bound(excess, uint256(type(uint128).max) + 1, type(uint256).max - 1);
        bytes memory tooLarge = abi.encodeWithSelector(
            SafeCast.SafeCastOverflowedUintDowncast.selector, 128, proposed.totalPay
        );
        expectPropose(proposed, tooLarge);
        (proposed.totalPay, proposed.totalFee) = (0, proposed.totalPay);
        expectPropose(proposed, tooLarge);
    }

    /// @dev Genesis stake is gone after ten periods, and no stake is earned.
    function test_propose_revertsWhenNobodyCouldAttest() public {
        for (uint256 number = 1; number <= GENESIS_PERIODS; ++number) {
            proposeFirst(number);
        }
        commit(eventOf(99));
        ISettlementAnchor.Header memory proposed = headerOf(eventOf(99), 1, "root", 0);
        expectPropose(proposed, abi.encodeWithSelector(ISettlementAnchor.NoStakeAtAll.selector));
    }

    function test_propose_keepsEveryField(ISettlementAnchor.Header memory given) public {
        given.revision = 1;
        given.baselinesRoot = BASELINES;
        given.totalPay = bound(given.totalPay, 0, type(uint128).max);
        given.totalFee = bound(given.totalFee, 0, type(uint128).max);
        vm.assume(given.root != 0 && given.leafCount != 0);
        commit(given.eventHash);
        vm.expectEmit(address(anchor));
        emit ISettlementAnchor.Proposed(1, given.eventHash, 1, given.root);
        uint256 period = propose(given);

        bytes32 kept = keccak256(abi.encode(anchor.headerOf(period)));
        assertEq(kept, keccak256(abi.encode(given)), "header");
        assertEq(anchor.periodOf(given.eventHash, 1), period, "period of the event");
        assertEq(anchor.periodCount(), 1, "count");
        assertEq(anchor.finalRoot(period), 0, "not final");
    }

    function test_infoOf_hasTheStateOfAProposal() public {
        uint256 period = proposeFirst(1);
        (
            ISettlementAnchor.State state,
            uint256 stakeFor,
            uint256 stakeAgainst,
            uint256 stakeTotal,
            uint64 proposedAtS,
            uint64 attestedAtS,
            uint64 challengeEndsS
        ) = anchor.infoOf(period);
        assertTrue(state == ISettlementAnchor.State.Proposed, "state");
        assertEq(stakeFor + stakeAgainst, 0, "stakes");
        assertEq(stakeTotal, 400 * TOKENS, "total");
        assertEq(proposedAtS, block.timestamp, "proposed at");
        assertEq(attestedAtS + challengeEndsS, 0, "later times");
    }

    function test_views_areZeroForAnUnknownPeriod() public view {
        (ISettlementAnchor.State state,,, uint256 stakeTotal,,,) = anchor.infoOf(7);
        assertTrue(state == ISettlementAnchor.State.None, "state");
        assertEq(stakeTotal, 0, "total");
        assertEq(anchor.headerOf(7).root, 0, "root");
        assertEq(anchor.finalRoot(7), 0, "final root");
        assertFalse(anchor.hasAttested(7, STRANGER), "attested");
    }

    function test_pause_revertsForAnyoneButTheGuardian(address caller) public {
        vm.assume(caller != GUARDIAN);
        bytes memory notAuthorised =
            abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, caller);
        expectRevert(notAuthorised);
        vm.prank(caller);
        anchor.pause();
        expectRevert(notAuthorised);
        vm.prank(caller);
        anchor.unpause();
    }

    function test_pause_doesNotStopExistingProposals() public {
        uint256 period = proposeFirst(1);
        vm.prank(GUARDIAN);
        anchor.pause();
        finish(period);
        assertTrue(anchor.finalRoot(period) != 0, "final");
    }

    function header(uint32 revision) private pure returns (ISettlementAnchor.Header memory) {
        return headerOf(eventOf(1), revision, keccak256(abi.encode("root", revision)), 0);
    }

    function expectPropose(ISettlementAnchor.Header memory proposed, bytes memory data) private {
        expectRevert(data);
        propose(proposed);
    }

    function wrongRevision(uint32 revision) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(ISettlementAnchor.WrongRevision.selector, eventOf(1), revision);
    }

    function notCommitted(bytes32 proposed, bytes32 committed)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            ISettlementAnchor.BaselinesNotCommitted.selector, proposed, committed
        );
    }
}
