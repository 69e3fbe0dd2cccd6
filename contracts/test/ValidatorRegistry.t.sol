// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ValidatorRegistry} from "../src/ValidatorRegistry.sol";
import {ICommonErrors} from "../src/interfaces/ICommonErrors.sol";
import {IValidatorRegistry} from "../src/interfaces/IValidatorRegistry.sol";
import {WorldTest} from "./World.sol";

/// @dev The test acts as vault and anchor: calls come from their addresses.
contract ValidatorRegistryTest is WorldTest {
    address private constant ALICE = address(0xa11ce);

    // Construction and connection.

    function test_constructor_revertsOnUnfitFounders() public {
        address[] memory none = new address[](0);
        address[] memory many = new address[](65);
        for (uint160 i; i < 65; ++i) {
            many[i] = address(i + 1);
        }
        address[] memory twice = new address[](2);
        twice[0] = twice[1] = ALICE;
        address[] memory zero = new address[](1);

        expectInvalidFounders(none, new uint256[](0));
        expectInvalidFounders(many, equalStakes(65, 1));
        expectInvalidFounders(twice, equalStakes(2, 1));
        expectInvalidFounders(zero, equalStakes(1, 1));
        expectInvalidFounders(addressesOf(keys), equalStakes(3, 1));
        expectInvalidFounders(addressesOf(keys), equalStakes(4, 0));
    }

    function test_constructor_revertsWithoutGenesisPeriodsTokenOrDeployer() public {
        address[] memory all = addressesOf(keys);
        uint256[] memory stakes = equalStakes(4, 1);
        expectRevert(IValidatorRegistry.InvalidGenesisPeriods.selector);
        new ValidatorRegistry(token, all, stakes, 0, UNBONDING_S, DEPLOYER);
        expectRevert(ICommonErrors.ZeroAddress.selector);
        new ValidatorRegistry(token, all, stakes, 1, UNBONDING_S, address(0));
    }

    function test_connect_revertsForStrangersZerosAndTheSecondTime() public {
        ValidatorRegistry fresh = create(UNBONDING_S);
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, STRANGER));
        vm.prank(STRANGER);
        fresh.connect(address(vault), address(anchor));
        expectRevert(ICommonErrors.ZeroAddress.selector);
        vm.prank(DEPLOYER);
        fresh.connect(address(0), address(anchor));
        expectRevert(ICommonErrors.ZeroAddress.selector);
        vm.prank(DEPLOYER);
        fresh.connect(address(vault), address(0));
        expectRevert(ICommonErrors.AlreadyConnected.selector);
        vm.prank(DEPLOYER);
        registry.connect(address(vault), address(anchor));
    }

    function test_connect_revertsUnlessUnbondingOutlastsTheWindow() public {
        ValidatorRegistry fresh = create(WINDOW_S);
        expectRevert(
            abi.encodeWithSelector(
                IValidatorRegistry.UnbondingTooShort.selector, WINDOW_S, WINDOW_S
            )
        );
        vm.prank(DEPLOYER);
        fresh.connect(address(vault), address(anchor));
    }

    function test_founders_areReadable() public view {
        assertEq(registry.founderCount(), 4, "count");
        for (uint256 i; i < 4; ++i) {
            assertEq(registry.founders(i), founder(i), "founder");
            assertEq(registry.numberOf(founder(i)), i + 1, "number");
        }
        assertEq(registry.numberOf(ALICE), 0, "number of somebody else");
    }

    // Credit.

    function test_creditStake_revertsForAnyoneButTheVault(address caller) public {
        vm.assume(caller != address(vault));
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, caller));
        vm.prank(caller);
        registry.creditStake(caller, 1);
    }

    function test_creditStake_revertsOnZero() public {
        expectRevert(IValidatorRegistry.ZeroAmount.selector);
        vm.prank(address(vault));
        registry.creditStake(ALICE, 0);
    }

    function test_creditStake_revertsUnlessTheTokensArrived() public {
        credit(ALICE, 5);
        vm.prank(ALICE);
        registry.requestUnbond(2);
        expectRevert(abi.encodeWithSelector(IValidatorRegistry.StakeNotFunded.selector, 5, 6));
        vm.prank(address(vault));
        registry.creditStake(ALICE, 1);
    }

    function test_creditStake_addsUp(uint64 first, uint64 second) public {
        vm.assume(first != 0 && second != 0);
        credit(ALICE, first);
        credit(ALICE, second);
        (uint256 earned, uint256 genesis) = registry.stakeOf(ALICE);
        assertEq(earned, uint256(first) + second, "earned");
        assertEq(genesis, 0, "genesis");
        assertEq(registry.totalEarned(), earned, "total");
        assertEq(registry.numberOf(ALICE), 5, "after four founders");
    }

    // Periods.

    function test_openPeriod_revertsForAnyoneButTheAnchorAndTheSecondTime() public {
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, STRANGER));
        vm.prank(STRANGER);
        registry.openPeriod(1);
        open(1);
        expectRevert(abi.encodeWithSelector(IValidatorRegistry.PeriodAlreadyOpen.selector, 1));
        vm.prank(address(anchor));
        registry.openPeriod(1);
    }

    function test_views_revertForAPeriodThatIsNotOpen() public {
        bytes memory notOpen = abi.encodeWithSelector(IValidatorRegistry.PeriodNotOpen.selector, 1);
        expectRevert(notOpen);
        registry.stakeAt(ALICE, 1);
        expectRevert(notOpen);
        registry.totalStakeAt(1);
        expectRevert(notOpen);
        registry.earnedAt(ALICE, 1);
        expectRevert(notOpen);
        registry.validatorsAt(new address[](1), 1);
    }

    /// @dev Stake gained in the block of a proposal does not count in its period.
    function test_openPeriod_takesTheStakeOfTheBlockBefore() public {
        credit(ALICE, 5);
        nextBlock();
        credit(ALICE, 7);
        open(1);
        credit(ALICE, 11);
        assertEq(registry.earnedAt(ALICE, 1), 5, "before the block");
        assertEq(registry.totalEarnedAt(1), 5, "total before the block");
        nextBlock();
        open(2);
        assertEq(registry.earnedAt(ALICE, 2), 23, "5 + 7 + 11");
        assertEq(registry.earnedAt(ALICE, 1), 5, "the past stays");
    }

    /// @dev 100 tokens over 10 periods: 100, 90, 80 … 10, 0, 0.
    function test_genesis_decaysToZero() public {
        for (uint256 period = 1; period <= 12; ++period) {
            (, uint256 next) = registry.stakeOf(founder(0));
            open(period);
            uint256 expected = period <= 10 ? (11 - period) * 10 * TOKENS : 0;
            assertEq(registry.stakeAt(founder(0), period), expected, "one founder");
            assertEq(registry.totalStakeAt(period), 4 * expected, "four founders");
            assertEq(next, expected, "predicted");
        }
    }

    /// @dev Rounding is the same for one and for all, or all votes together could miss two thirds.
    function test_totalStakeAt_isTheSumToTheLastUnit(uint88[4] memory stakes, uint256 period)
        public
    {
        uint256[] memory genesis = new uint256[](4);
        for (uint256 i; i < 4; ++i) {
            genesis[i] = bound(stakes[i], 1, type(uint88).max);
        }
        deploy(genesis);
        if (stakes[0] > 0) credit(founder(1), stakes[0]);
        nextBlock();
        period = bound(period, 1, 20);
        uint256 total = open(period);

        (uint256[] memory each, uint256[] memory numbers) =
            registry.validatorsAt(addressesOf(keys), period);
        uint256 sum;
        for (uint256 i; i < 4; ++i) {
            assertEq(each[i], registry.stakeAt(founder(i), period), "in a list and alone");
            assertEq(numbers[i], i + 1, "number");
            sum += each[i];
        }
        assertEq(registry.totalStakeAt(period), sum, "total");
        assertEq(total, sum, "total returned");
    }

    // Unbonding.

    function test_requestUnbond_revertsOnZeroAndOnMoreThanEarned() public {
        credit(ALICE, 5);
        expectRevert(IValidatorRegistry.ZeroAmount.selector);
        vm.prank(ALICE);
        registry.requestUnbond(0);
        expectRevert(abi.encodeWithSelector(IValidatorRegistry.StakeTooSmall.selector, ALICE, 5));
        vm.prank(ALICE);
        registry.requestUnbond(6);
        // Genesis stake cannot be withdrawn.
        expectRevert(
            abi.encodeWithSelector(IValidatorRegistry.StakeTooSmall.selector, founder(0), 0)
        );
        vm.prank(founder(0));
        registry.requestUnbond(1);
    }

    function test_requestUnbond_leavesOpenPeriodsAlone() public {
        credit(ALICE, 5);
        nextBlock();
        open(1);
        vm.expectEmit(address(registry));
        emit IValidatorRegistry.UnbondRequested(ALICE, 3, uint64(block.timestamp) + UNBONDING_S);
        vm.prank(ALICE);
        registry.requestUnbond(3);
        nextBlock();
        open(2);
        assertEq(registry.earnedAt(ALICE, 1), 5, "open period");
        assertEq(registry.earnedAt(ALICE, 2), 2, "later period");
        assertEq(registry.totalUnbonding(), 3, "unbonding");
    }

    function test_withdraw_revertsWithNothingAndTooEarly() public {
        expectRevert(abi.encodeWithSelector(IValidatorRegistry.NothingToWithdraw.selector, ALICE));
        vm.prank(ALICE);
        registry.withdraw();
        credit(ALICE, 5);
        vm.prank(ALICE);
        registry.requestUnbond(5);
        (, uint64 releaseAtS) = registry.unbondingOf(ALICE);
        vm.warp(releaseAtS - 1);
        expectRevert(abi.encodeWithSelector(IValidatorRegistry.StillBonded.selector, releaseAtS));
        vm.prank(ALICE);
        registry.withdraw();
    }

    function test_withdraw_paysOnceWhatWasUnbonded() public {
        credit(ALICE, 5);
        vm.prank(ALICE);
        registry.requestUnbond(3);
        vm.warp(block.timestamp + UNBONDING_S);
        vm.prank(ALICE);
        registry.withdraw();
        assertEq(token.balanceOf(ALICE), 3, "paid");
        assertEq(token.balanceOf(address(registry)), 2, "kept");
        assertEq(registry.totalUnbonding(), 0, "unbonding");
        expectRevert(abi.encodeWithSelector(IValidatorRegistry.NothingToWithdraw.selector, ALICE));
        vm.prank(ALICE);
        registry.withdraw();
    }

    function test_requestUnbond_restartsTheWaitForAll() public {
        credit(ALICE, 5);
        vm.prank(ALICE);
        registry.requestUnbond(3);
        vm.warp(block.timestamp + 1 hours);
        vm.prank(ALICE);
        registry.requestUnbond(2);
        (uint256 amount, uint64 releaseAtS) = registry.unbondingOf(ALICE);
        assertEq(amount, 5, "3 + 2");
        assertEq(releaseAtS, block.timestamp + UNBONDING_S, "from the second request");
    }

    function expectInvalidFounders(address[] memory all, uint256[] memory stakes) private {
        expectRevert(IValidatorRegistry.InvalidFounders.selector);
        new ValidatorRegistry(token, all, stakes, 10, UNBONDING_S, DEPLOYER);
    }

    function create(uint64 unbondingS) private returns (ValidatorRegistry) {
        return new ValidatorRegistry(
            token, addressesOf(keys), equalStakes(4, 1), 10, unbondingS, DEPLOYER
        );
    }

    function credit(address account, uint256 amount) private {
        vm.prank(OPERATOR);
        token.mint(address(registry), amount);
        vm.prank(address(vault));
        registry.creditStake(account, amount);
    }

    function open(uint256 period) private returns (uint256) {
        vm.prank(address(anchor));
        return registry.openPeriod(period);
    }
}
