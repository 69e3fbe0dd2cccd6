// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IIncentiveVault} from "../src/interfaces/IIncentiveVault.sol";
import {ISettlementAnchor} from "../src/interfaces/ISettlementAnchor.sol";
import {WorldTest} from "./World.sol";

contract SettlementAnchorFinalizeTest is WorldTest {
    uint256 private period;

    function setUp() public override {
        super.setUp();
        period = proposeFirst(1);
    }

    // Objections.

    function test_object_revertsForAPeriodThatIsNotOpen() public {
        expectWrongState(2, ISettlementAnchor.State.None);
        objectBy(0, 2);
        finish(period);
        expectWrongState(period, ISettlementAnchor.State.Final);
        objectBy(0, period);
    }

    function test_object_revertsWithoutStake(address caller) public {
        vm.assume(registry.numberOf(caller) == 0);
        expectRevert(abi.encodeWithSelector(ISettlementAnchor.NoStake.selector, caller, period));
        vm.prank(caller);
        anchor.object(period, "wrong");
    }

    function test_object_revertsTheSecondTime() public {
        objectBy(0, period);
        expectRevert(
            abi.encodeWithSelector(ISettlementAnchor.AlreadyObjected.selector, founder(0), period)
        );
        objectBy(0, period);
    }

    function test_object_revertsWhenTheWindowIsOver() public {
        attestAll(period);
        (,,,,,, uint64 endsS) = anchor.infoOf(period);
        vm.warp(endsS);
        expectRevert(abi.encodeWithSelector(ISettlementAnchor.ChallengeOver.selector, endsS));
        objectBy(0, period);
    }

    /// @dev 100 of 400 are one quarter; 200 are more than one third.
    function test_object_rejectsAboveOneThird() public {
        vm.expectEmit(address(anchor));
        emit ISettlementAnchor.Objected(period, founder(0), 100 * TOKENS, "wrong");
        objectBy(0, period);
        assertState(ISettlementAnchor.State.Proposed);
        assertTrue(anchor.hasObjected(period, founder(0)), "objected");
        assertFalse(anchor.hasObjected(period, founder(1)), "not yet");
        vm.expectEmit(address(anchor));
        emit ISettlementAnchor.Rejected(period);
        objectBy(1, period);
        assertState(ISettlementAnchor.State.Rejected);
    }

    /// @dev Exactly one third is not more than one third: 1 of 3.
    function test_object_atOneThirdRejectsNothing() public {
        keys = sortedKeys(3);
        deploy(equalStakes(3, 100 * TOKENS));
        period = proposeFirst(1);
        objectBy(0, period);
        assertState(ISettlementAnchor.State.Proposed);
        // Two thirds are enough to attest.
        anchor.attest(period, signaturesOf(firstKeys(2), anchor.digestOf(period)));
        assertState(ISettlementAnchor.State.Attested);
    }

    /// @dev A validator that attested may object later, as long as the window is open.
    function test_object_rejectsWhatWasAttested() public {
        attestAll(period);
        objectBy(0, period);
        objectBy(1, period);
        assertState(ISettlementAnchor.State.Rejected);
        vm.warp(block.timestamp + WINDOW_S);
        expectWrongState(period, ISettlementAnchor.State.Rejected);
        anchor.finalize(period);
    }

    // Finality.

    function test_finalize_revertsUnlessAttested() public {
        expectWrongState(2, ISettlementAnchor.State.None);
        anchor.finalize(2);
        expectWrongState(period, ISettlementAnchor.State.Proposed);
        anchor.finalize(period);
    }

    function test_finalize_revertsBeforeTheWindowEnds(uint64 earlyS) public {
        attestAll(period);
        (,,,,,, uint64 endsS) = anchor.infoOf(period);
        vm.warp(bound(earlyS, block.timestamp, endsS - 1));
        expectRevert(abi.encodeWithSelector(ISettlementAnchor.ChallengeOpen.selector, endsS));
        anchor.finalize(period);
    }

    function test_finalize_revertsTheSecondTime() public {
        finish(period);
        expectWrongState(period, ISettlementAnchor.State.Final);
        anchor.finalize(period);
    }

    function test_finalize_waitsForFunds() public {
        commit(eventOf(2));
        nextBlock();
        period = propose(headerOf(eventOf(2), 1, "root", 100));
        attestAll(period);
        vm.warp(block.timestamp + WINDOW_S);
        fund(99);
        expectRevert(abi.encodeWithSelector(IIncentiveVault.Underfunded.selector, 99, 100));
        anchor.finalize(period);
        assertState(ISettlementAnchor.State.Attested);
        fund(1);
        anchor.finalize(period);
        assertEq(vault.owed(), 100, "owed");
    }

    function test_finalize_byAnyoneMakesTheRootFinal(address caller) public {
        attestAll(period);
        vm.warp(block.timestamp + WINDOW_S);
        bytes32 root = anchor.headerOf(period).root;
        vm.expectEmit(address(anchor));
        emit ISettlementAnchor.Finalized(period, root, 0);
        vm.prank(caller);
        anchor.finalize(period);
        assertEq(anchor.finalRoot(period), root, "root");
        assertState(ISettlementAnchor.State.Final);
    }

    function objectBy(uint256 place, uint256 of_) private {
        vm.prank(founder(place));
        anchor.object(of_, "wrong");
    }

    function assertState(ISettlementAnchor.State expected) private view {
        (ISettlementAnchor.State state,,,,,,) = anchor.infoOf(period);
        assertTrue(state == expected, "state");
    }

    function expectWrongState(uint256 of_, ISettlementAnchor.State state) private {
        expectRevert(abi.encodeWithSelector(ISettlementAnchor.WrongState.selector, of_, state));
    }
}
