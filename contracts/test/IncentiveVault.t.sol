// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IncentiveVault} from "../src/IncentiveVault.sol";
import {ICommonErrors} from "../src/interfaces/ICommonErrors.sol";
import {IIncentiveVault} from "../src/interfaces/IIncentiveVault.sol";
import {Tree} from "./Tree.sol";
import {WorldTest} from "./World.sol";

contract IncentiveVaultTest is WorldTest {
    address private constant ALICE = address(0xa11ce);
    address private constant BOB = address(0xb0b);

    // Connection and amounts owed.

    function test_constructor_revertsOnZeros() public {
        expectRevert(ICommonErrors.ZeroAddress.selector);
        new IncentiveVault(IERC20(address(0)), DEPLOYER);
        expectRevert(ICommonErrors.ZeroAddress.selector);
        new IncentiveVault(token, address(0));
    }

    function test_connect_revertsForStrangersZerosAndTheSecondTime() public {
        IncentiveVault fresh = new IncentiveVault(token, DEPLOYER);
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, STRANGER));
        vm.prank(STRANGER);
        fresh.connect(address(anchor), address(registry));
        expectRevert(ICommonErrors.ZeroAddress.selector);
        vm.prank(DEPLOYER);
        fresh.connect(address(0), address(registry));
        expectRevert(ICommonErrors.ZeroAddress.selector);
        vm.prank(DEPLOYER);
        fresh.connect(address(anchor), address(0));
        expectRevert(ICommonErrors.AlreadyConnected.selector);
        vm.prank(DEPLOYER);
        vault.connect(address(anchor), address(registry));
    }

    function test_onFinal_revertsForAnyoneButTheAnchor(address caller) public {
        vm.assume(caller != address(anchor));
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, caller));
        vm.prank(caller);
        vault.onFinal(1, "root", 0);
    }

    /// @dev 40 owed, 15 of it paid, and 11 more: 36 are due, the balance is 35.
    function test_onFinal_revertsWithoutFundsForAllThatIsOwed() public {
        delete lines;
        lines.push(Line(ALICE, 25));
        lines.push(Line(BOB, 15));
        fund(40);
        finish(proposeLines(1, 40));
        vault.claim(claimOf(1, 1));
        fund(10);
        expectRevert(abi.encodeWithSelector(IIncentiveVault.Underfunded.selector, 35, 36));
        vm.prank(address(anchor));
        vault.onFinal(2, "root", 11);
        fund(1);
        vm.prank(address(anchor));
        vault.onFinal(2, "root", 11);
        assertEq(vault.owed(), 51, "40 + 11");
    }

    // Claims.

    function test_claim_revertsForAnUnknownOrUnfinishedPeriod() public {
        settleOne(1, ALICE, 40, 40);
        IIncentiveVault.Claim memory given = claimOf(2, 0);
        expectForeign(given);
        proposeLines(2, 0);
        expectForeign(given);
        attestAll(2);
        expectForeign(given);
    }

    /// @dev Any change in a leaf or its proof breaks the path to the root.
    function test_claim_revertsForAForeignLeaf(uint8 which, uint256 change) public {
        settleOne(1, ALICE, 40, 40);
        IIncentiveVault.Claim memory given = claimOf(1, 0);
        change = bound(change, 1, type(uint128).max);
        which = uint8(bound(which, 0, 4));
        if (which == 0) given.index += change;
        if (which == 1) given.account = address(uint160(ALICE) + uint128(change));
        if (which == 2) given.entitled += change;
        if (which == 3) given.detail = bytes32(uint256(given.detail) ^ change);
        if (which == 4) given.proof[0] = bytes32(uint256(given.proof[0]) ^ change);
        expectForeign(given);
    }

    function test_claim_revertsWithAShorterOrLongerProof() public {
        settleOne(1, ALICE, 40, 40);
        IIncentiveVault.Claim memory given = claimOf(1, 0);
        bytes32[] memory full = given.proof;
        given.proof = new bytes32[](0);
        expectForeign(given);
        given.proof = new bytes32[](full.length + 1);
        for (uint256 i; i < full.length; ++i) {
            given.proof[i] = full[i];
        }
        expectForeign(given);
    }

    function test_claim_revertsTheSecondTimeAndForAnOlderLeaf() public {
        uint256 first = settleOne(1, ALICE, 40, 40);
        IIncentiveVault.Claim memory older = claimOf(first, 0);
        IIncentiveVault.Claim memory newer = claimOf(settleOne(2, ALICE, 70, 30), 0);
        vault.claim(newer);
        bytes memory nothing =
            abi.encodeWithSelector(IIncentiveVault.NothingToClaim.selector, ALICE, 70);
        expectRevert(nothing);
        vault.claim(newer);
        expectRevert(nothing);
        vault.claim(older);
        assertEq(token.balanceOf(ALICE), 70, "paid");
    }

    /// @dev A header whose total is less than its leaves cannot make the vault pay more.
    function test_claim_revertsForMoreThanIsOwed() public {
        fund(1000);
        settleOne(1, ALICE, 40, 39);
        IIncentiveVault.Claim memory given = claimOf(1, 0);
        expectRevert(abi.encodeWithSelector(IIncentiveVault.MoreThanOwed.selector, 40, 39));
        vault.claim(given);
    }

    function test_claim_byAnyonePaysTheAccount(address caller, uint64 entitled) public {
        vm.assume(entitled != 0);
        IIncentiveVault.Claim memory given = claimOf(settleOne(1, ALICE, entitled, entitled), 0);
        vm.expectEmit(address(vault));
        emit IIncentiveVault.Claimed(ALICE, 1, entitled, entitled, false);
        vm.prank(caller);
        vault.claim(given);
        assertEq(token.balanceOf(ALICE), entitled, "paid");
        assertEq(vault.claimed(ALICE), entitled, "claimed");
        assertEq(vault.paidOut(), vault.owed(), "all is paid");
    }

    /// @dev 40 + 30 + 0 + 5: the last leaf alone pays 75; claiming in between changes no sum.
    function test_claim_coversAllPeriods(uint8 claimedBetween) public {
        uint256[4] memory entitled = [uint256(40), 70, 70, 75];
        uint256[4] memory pay = [uint256(40), 30, 0, 5];
        for (uint256 i; i < 4; ++i) {
            uint256 period = settleOne(i + 1, ALICE, entitled[i], pay[i]);
            bool isNew = entitled[i] > vault.claimed(ALICE);
            if (isNew && (i == 3 || claimedBetween >> i & 1 == 1)) {
                vault.claim(claimOf(period, 0));
            }
        }
        assertEq(token.balanceOf(ALICE), 75, "paid");
    }

    /// forge-config: default.fuzz.runs = 40
    function test_claim_worksForEveryLeafOfATree(uint8 count) public {
        uint256 size = bound(count, 1, 40);
        delete lines;
        for (uint160 i; i < size; ++i) {
            lines.push(Line(address(0x1000 + i), i + 1));
        }
        uint256 pay = size * (size + 1) / 2;
        fund(pay);
        uint256 period = proposeLines(1, pay);
        finish(period);
        for (uint256 i; i < size; ++i) {
            vault.claim(claimOf(period, i));
            assertEq(token.balanceOf(lines[i].account), i + 1, "paid");
        }
        assertEq(vault.paidOut(), pay, "all");
    }

    // Many claims.

    function test_claimMany_revertsOnNoneAndTooMany() public {
        expectRevert(abi.encodeWithSelector(IIncentiveVault.WrongClaimCount.selector, 0, 64));
        vault.claimMany(new IIncentiveVault.Claim[](0));
        expectRevert(abi.encodeWithSelector(IIncentiveVault.WrongClaimCount.selector, 65, 64));
        vault.claimMany(new IIncentiveVault.Claim[](65));
    }

    function test_claimMany_paysNobodyWithAForeignLeafAmongThem() public {
        IIncentiveVault.Claim[] memory claims = twoClaims();
        claims[1].entitled = 61;
        expectNotUnder(claims[1]);
        vault.claimMany(claims);
        assertEq(vault.paidOut(), 0, "none");
        claims[1].entitled = 60;
        uint256[] memory amounts = vault.claimMany(claims);
        assertEq(amounts[0], 40, "amount of one");
        assertEq(amounts[1], 60, "amount of the other");
        assertEq(token.balanceOf(ALICE), 40, "one");
        assertEq(token.balanceOf(BOB), 60, "other");
    }

    /// @dev Anyone may send one of them first, and a claim sent twice is paid once.
    function test_claimMany_passesOverWhatWasPaid() public {
        IIncentiveVault.Claim[] memory claims = new IIncentiveVault.Claim[](3);
        (claims[0], claims[1]) = (twoClaims()[0], claimOf(1, 1));
        claims[2] = claims[1];
        vm.prank(STRANGER);
        vault.claim(claims[0]);
        uint256[] memory amounts = vault.claimMany(claims);
        assertEq(amounts[0], 0, "was paid");
        assertEq(amounts[1], 60, "is paid");
        assertEq(amounts[2], 0, "once");
        assertEq(token.balanceOf(ALICE), 40, "one");
        assertEq(token.balanceOf(BOB), 60, "other");
        assertEq(vault.paidOut(), 100, "all");
    }

    function test_claimMany_stakesForWhoWantsIt() public {
        IIncentiveVault.Claim[] memory claims = twoClaims();
        vm.prank(BOB);
        vault.setStakeEarnings(true);
        vault.claimMany(claims);
        assertEq(token.balanceOf(ALICE), 40, "one is paid");
        assertEq(token.balanceOf(BOB), 0, "the other is not");
        (uint256 earned,) = registry.stakeOf(BOB);
        assertEq(earned, 60, "but staked");
    }

    // Stakes.

    function test_claimAndStake_revertsForAnyoneButTheAccount(address caller) public {
        vm.assume(caller != ALICE);
        IIncentiveVault.Claim memory given = claimOf(settleOne(1, ALICE, 40, 40), 0);
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, caller));
        vm.prank(caller);
        vault.claimAndStake(given);
    }

    function test_claimAndStake_creditsTheRegistry() public {
        IIncentiveVault.Claim memory given = claimOf(settleOne(1, ALICE, 40, 40), 0);
        vm.expectEmit(address(vault));
        emit IIncentiveVault.Claimed(ALICE, 1, 40, 40, true);
        vm.prank(ALICE);
        vault.claimAndStake(given);
        (uint256 earned,) = registry.stakeOf(ALICE);
        assertEq(earned, 40, "stake");
        assertEq(token.balanceOf(address(registry)), 40, "held");
        expectRevert(abi.encodeWithSelector(IIncentiveVault.NothingToClaim.selector, ALICE, 40));
        vault.claim(given);
    }

    function test_setStakeEarnings_isTheAccountsOwnAndCanBeTakenBack() public {
        vm.expectEmit(address(vault));
        emit IIncentiveVault.EarningsStaked(ALICE, true);
        vm.prank(ALICE);
        vault.setStakeEarnings(true);
        assertTrue(vault.stakesEarnings(ALICE), "staked");
        assertFalse(vault.stakesEarnings(BOB), "other");
        vault.claim(claimOf(settleOne(1, ALICE, 40, 40), 0));
        vm.prank(ALICE);
        vault.setStakeEarnings(false);
        vault.claim(claimOf(settleOne(2, ALICE, 70, 30), 0));
        (uint256 earned,) = registry.stakeOf(ALICE);
        assertEq(earned, 40, "first to the stake");
        assertEq(token.balanceOf(ALICE), 30, "second to the account");
    }

    function twoClaims() private returns (IIncentiveVault.Claim[] memory claims) {
        delete lines;
        lines.push(Line(ALICE, 40));
        lines.push(Line(BOB, 60));
        fund(100);
        uint256 period = proposeLines(1, 100);
        finish(period);
        claims = new IIncentiveVault.Claim[](2);
        (claims[0], claims[1]) = (claimOf(period, 0), claimOf(period, 1));
    }

    function expectNotUnder(IIncentiveVault.Claim memory given) private {
        bytes32 leaf = Tree.leaf(given.index, given.account, given.entitled, given.detail);
        bytes32 root = anchor.finalRoot(given.period);
        expectRevert(abi.encodeWithSelector(IIncentiveVault.LeafNotUnderRoot.selector, leaf, root));
    }

    function expectForeign(IIncentiveVault.Claim memory given) private {
        expectNotUnder(given);
        vault.claim(given);
    }
}
