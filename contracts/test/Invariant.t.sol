// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IIncentiveVault} from "../src/interfaces/IIncentiveVault.sol";
import {ISettlementAnchor} from "../src/interfaces/ISettlementAnchor.sol";
import {World} from "./World.sol";

/// @title Settlements, signatures, objections, claims and stakes of all accounts, in any order.
/// @dev Four founders are also the prosumers. Rules that need more than the state are checked
/// inside the calls; a broken one reverts, which fails the run.
contract Handler is World {
    uint256 private _periods;
    uint256 private _lastFinal;

    /// @dev Entitlement of each founder in all settlements proposed so far.
    uint256[4] private _proposed;

    /// @dev The same in final ones: the most that may be paid.
    uint256[4] private _entitled;

    mapping(uint256 period => uint256[4]) private _entitledIn;
    mapping(uint256 period => Line[]) private _linesOf;
    mapping(uint256 period => bytes32) private _finalRoot;

    constructor() {
        build();
    }

    function settle(uint64[4] calldata pays, bool isShort) external {
        if (_periods >= 20) return;
        (,, bool hasStake) = stakes();
        if (!hasStake) return;
        delete lines;
        uint256 total;
        for (uint256 i; i < 4; ++i) {
            _proposed[i] += pays[i];
            total += pays[i];
            lines.push(Line(founder(i), _proposed[i]));
        }
        // A header may total less than its leaves; then only the last claims cannot be paid.
        uint256 header = isShort ? total / 2 : total;
        _periods = proposeLines(100 + _periods, header);
        _entitledIn[_periods] = _proposed;
        for (uint256 i; i < 4; ++i) {
            _linesOf[_periods].push(lines[i]);
        }
    }

    function topUp(uint64 amount) external {
        fund(amount);
    }

    function attest(uint256 period, uint8 bits) external {
        period = pick(period);
        if (isOpen(period)) attestBy(period, bits);
    }

    function object(uint256 period, uint8 who) external {
        period = pick(period);
        address validator = founder(who % 4);
        bool isUseless = !isOpen(period) || anchor.hasObjected(period, validator)
            || registry.stakeAt(validator, period) == 0;
        if (isUseless || who >= 64) return;
        vm.prank(validator);
        anchor.object(period, "wrong");
    }

    /// @dev `isHelped` does the remaining steps too, otherwise few settlements become final.
    function finalize(uint256 period, bool isHelped) external {
        period = pick(period);
        if (isHelped && isOpen(period)) attestBy(period, 15);
        (ISettlementAnchor.State state,,,,,, uint64 endsS) = anchor.infoOf(period);
        uint256 due = vault.owed() - vault.paidOut() + anchor.headerOf(period).totalPay;
        if (isHelped && endsS > block.timestamp) vm.warp(endsS);
        if (isHelped) fund(due);
        bool isReady = state == ISettlementAnchor.State.Attested && block.timestamp >= endsS;
        if (!isReady || token.balanceOf(address(vault)) < due) {
            vm.expectRevert();
            anchor.finalize(period);
            return;
        }
        anchor.finalize(period);
        _lastFinal = period;
        _finalRoot[period] = anchor.headerOf(period).root;
        for (uint256 i; i < 4; ++i) {
            if (_entitledIn[period][i] > _entitled[i]) _entitled[i] = _entitledIn[period][i];
        }
    }

    function claim(uint256 period, uint8 who, bool staked) external {
        period = period % 2 == 0 ? _lastFinal : pick(period);
        uint256 place = who % 4;
        if (_linesOf[period].length == 0) return;
        lines = _linesOf[period];
        IIncentiveVault.Claim memory given = claimOf(period, place);
        uint256 amount = amountOf(given);
        if (amount == 0) vm.expectRevert();
        if (staked) {
            vm.prank(given.account);
            vault.claimAndStake(given);
        } else {
            vault.claim(given);
        }
    }

    /// @dev A whole settlement at once; parts of it may be claimed already.
    function claimMany(uint256 period) external {
        period = pick(period);
        if (anchor.finalRoot(period) == 0) return;
        lines = _linesOf[period];
        IIncentiveVault.Claim[] memory claims = new IIncentiveVault.Claim[](4);
        uint256 due;
        for (uint256 i; i < 4; ++i) {
            claims[i] = claimOf(period, i);
            uint256 before = vault.claimed(claims[i].account);
            if (claims[i].entitled > before) due += claims[i].entitled - before;
        }
        if (due > vault.owed() - vault.paidOut()) vm.expectRevert();
        vault.claimMany(claims);
    }

    /// @dev A leaf with one unit more does not match its proof.
    function claimForeign(uint256 period, uint8 who) external {
        period = pick(period);
        if (_linesOf[period].length == 0) return;
        lines = _linesOf[period];
        IIncentiveVault.Claim memory given = claimOf(period, who % 4);
        given.entitled += 1;
        vm.expectRevert();
        vault.claim(given);
    }

    function setStakeEarnings(uint8 who, bool staked) external {
        vm.prank(founder(who % 4));
        vault.setStakeEarnings(staked);
    }

    function requestUnbond(uint8 who, uint64 amount) external {
        address validator = founder(who % 4);
        (uint256 earned,) = registry.stakeOf(validator);
        if (earned == 0) return;
        vm.prank(validator);
        registry.requestUnbond(bound(amount, 1, earned));
    }

    function withdraw(uint8 who) external {
        address validator = founder(who % 4);
        (uint256 amount, uint64 releaseAtS) = registry.unbondingOf(validator);
        if (amount == 0 || block.timestamp < releaseAtS) vm.expectRevert();
        vm.prank(validator);
        registry.withdraw();
    }

    function wait_(uint16 seconds_) external {
        nextBlock();
        vm.warp(block.timestamp + seconds_ / 4);
    }

    // The rules.

    function checkStakesAreHeld() external view {
        (uint256 earned, uint256 unbonding,) = stakes();
        assertEq(registry.totalEarned(), earned, "sum of earned stakes");
        assertEq(registry.totalUnbonding(), unbonding, "sum of what is unbonding");
        assertEq(token.balanceOf(address(registry)), earned + unbonding, "held for it");
    }

    function checkPaidIsOwed() external view {
        uint256 sum;
        for (uint256 i; i < 4; ++i) {
            uint256 claimed = vault.claimed(founder(i));
            assertLe(claimed, _entitled[i], "no more than final leaves say");
            sum += claimed;
        }
        assertEq(vault.paidOut(), sum, "sum of claims");
        assertLe(vault.paidOut(), vault.owed(), "paid is owed");
        uint256 left = vault.owed() - vault.paidOut();
        assertLe(left, token.balanceOf(address(vault)), "owed is there");
    }

    function checkFinalRootsStay() external view {
        for (uint256 period = 1; period <= _periods; ++period) {
            assertEq(anchor.finalRoot(period), _finalRoot[period], "final root");
        }
    }

    function checkNobodyCountsTwice() external view {
        for (uint256 period = 1; period <= _periods; ++period) {
            (, uint256 stakeFor, uint256 stakeAgainst, uint256 total,,,) = anchor.infoOf(period);
            (uint256 expectedFor, uint256 expectedAgainst, uint256 all) = (0, 0, 0);
            for (uint256 i; i < 4; ++i) {
                uint256 stake = registry.stakeAt(founder(i), period);
                all += stake;
                if (anchor.hasAttested(period, founder(i))) expectedFor += stake;
                if (anchor.hasObjected(period, founder(i))) expectedAgainst += stake;
            }
            assertEq(stakeFor, expectedFor, "stake for");
            assertEq(stakeAgainst, expectedAgainst, "stake against");
            assertEq(total, all, "stake of the period");
        }
    }

    function attestBy(uint256 period, uint256 bits) private {
        bytes32 digest = anchor.digestOf(period);
        for (uint256 i; i < 4; ++i) {
            if (bits >> i & 1 == 0 || registry.stakeAt(founder(i), period) == 0) continue;
            bytes[] memory signatures = new bytes[](1);
            signatures[0] = signature(keys[i], digest);
            anchor.attest(period, signatures);
            assertTrue(anchor.hasAttested(period, founder(i)), "counted");
        }
    }

    function amountOf(IIncentiveVault.Claim memory given) private view returns (uint256) {
        uint256 before = vault.claimed(given.account);
        bool isMore = anchor.finalRoot(given.period) != 0 && given.entitled > before;
        uint256 amount = isMore ? given.entitled - before : 0;
        return amount <= vault.owed() - vault.paidOut() ? amount : 0;
    }

    function stakes() private view returns (uint256 earned, uint256 unbonding, bool hasStake) {
        uint256 genesis;
        for (uint256 i; i < 4; ++i) {
            (uint256 earnedBy, uint256 genesisOf) = registry.stakeOf(founder(i));
            (uint256 unbondingBy,) = registry.unbondingOf(founder(i));
            earned += earnedBy;
            unbonding += unbondingBy;
            genesis += genesisOf;
        }
        hasStake = genesis + earned != 0;
    }

    function isOpen(uint256 period) private view returns (bool) {
        (ISettlementAnchor.State state,,,,,, uint64 endsS) = anchor.infoOf(period);
        return state == ISettlementAnchor.State.Proposed
            || (state == ISettlementAnchor.State.Attested && block.timestamp < endsS);
    }

    function pick(uint256 period) private view returns (uint256) {
        return _periods == 0 ? 0 : bound(period, _periods > 3 ? _periods - 3 : 1, _periods);
    }
}

contract InvariantTest {
    bool public constant IS_TEST = true;

    Handler private handler;

    function setUp() external {
        handler = new Handler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev One function for all rules, as each function would run the same calls again.
    function invariant_rulesHold() external view {
        handler.checkStakesAreHeld();
        handler.checkPaidIsOwed();
        handler.checkFinalRootsStay();
        handler.checkNobodyCountsTwice();
    }
}
