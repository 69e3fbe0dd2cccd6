// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {SettlementLedger} from "../src/examples/SettlementLedger.sol";
import {IIncentiveVault} from "../src/interfaces/IIncentiveVault.sol";
import {ISettlementAnchor} from "../src/interfaces/ISettlementAnchor.sol";
import {Tree} from "./Tree.sol";
import {WorldTest} from "./World.sol";

/// @title The whole cost of each transaction, compared with contracts/gas.json.
/// @dev Each call is a transaction of its own (`isolate`), so its slots are cold and its calldata
/// is charged. GAS_WRITE=true rewrites the figures.
/// forge-config: default.isolate = true
contract GasTest is WorldTest {
    string private constant FILE = "contracts/gas.json";

    /// @dev 2 %, in parts of 1e18, as the number of zero bytes in proofs and signatures varies.
    uint256 private constant TOLERANCE = 0.02e18;

    address private constant ALICE = address(0xa11ce);

    function test_gas_commit() public {
        commit(eventOf(1));
        record("commit");
    }

    function test_gas_propose() public {
        proposeFirst(1);
        commit(eventOf(2));
        nextBlock();
        propose(header(2));
        record("propose");
    }

    function test_gas_attest4() public {
        uint256 period = proposeFirst(1);
        attestAll(period);
        record("attest4");
    }

    function test_gas_attest64() public {
        attestBy(64);
        record("attest64");
    }

    /// @dev The limit: a full call must fit many times into a block of 16,777,216 gas.
    function test_gas_attest256() public {
        keys = sortedKeys(64);
        deploy(equalStakes(64, 100 * TOKENS));
        attestWithEarnedStake(256);
        record("attest256");
        assertLe(vm.lastCallGas().gasTotalUsed, 16_777_216 / 4, "a quarter of a block");
    }

    function test_gas_object() public {
        uint256 period = proposeFirst(1);
        vm.prank(founder(0));
        anchor.object(period, "wrong");
        record("object");
    }

    function test_gas_finalize() public {
        finish(proposeFirst(1));
        record("finalize");
    }

    function test_gas_finalizeWith10Subscribers() public {
        for (uint256 i; i < 10; ++i) {
            SettlementLedger ledger = new SettlementLedger(address(notifier));
            vm.prank(OPERATOR);
            notifier.subscribe(address(ledger));
        }
        finish(proposeFirst(1));
        record("finalizeWith10Ledgers");
    }

    function test_gas_claimDepth20() public {
        vault.claim(deepClaim(1, ALICE, 40));
        record("claimDepth20");
    }

    /// @dev An account that was paid before, so no slot is new.
    function test_gas_claimAgainDepth20() public {
        vault.claim(deepClaim(1, ALICE, 40));
        vault.claim(deepClaim(2, ALICE, 70));
        record("claimAgainDepth20");
    }

    function test_gas_claimAndStakeDepth20() public {
        IIncentiveVault.Claim memory given = deepClaim(1, ALICE, 40);
        vm.prank(ALICE);
        vault.claimAndStake(given);
        record("claimAndStakeDepth20");
    }

    /// @dev The limit, each to the stake of a new account.
    function test_gas_claimMany64() public {
        IIncentiveVault.Claim[] memory claims = new IIncentiveVault.Claim[](64);
        for (uint160 i; i < 64; ++i) {
            lines.push(Line(address(0x1000 + i), 1));
        }
        fund(64);
        uint256 period = proposeLines(1, 64);
        finish(period);
        for (uint256 i; i < 64; ++i) {
            claims[i] = claimOf(period, i);
            vm.prank(lines[i].account);
            vault.setStakeEarnings(true);
        }
        vault.claimMany(claims);
        record("claimMany64Staked");
        assertLe(vm.lastCallGas().gasTotalUsed, 16_777_216, "a block");
    }

    function attestBy(uint256 count) private {
        keys = sortedKeys(count);
        deploy(equalStakes(count, 100 * TOKENS));
        attestAll(proposeFirst(1));
    }

    function attestWithEarnedStake(uint256 count) private {
        keys = sortedKeys(count);
        for (uint256 i; i < count; ++i) {
            address account = vm.addr(keys[i]);
            vm.prank(OPERATOR);
            token.mint(address(registry), 1);
            vm.prank(address(vault));
            registry.creditStake(account, 1);
        }
        nextBlock();
        attestAll(proposeFirst(1));
    }

    /// @dev A leaf under twenty invented siblings, as in a tree of a million leaves.
    function deepClaim(uint256 number, address account, uint256 entitled)
        private
        returns (IIncentiveVault.Claim memory given)
    {
        bytes32[] memory proof = new bytes32[](20);
        bytes32 node = Tree.leaf(0, account, entitled, detailOf(0));
        for (uint256 i; i < 20; ++i) {
            proof[i] = keccak256(abi.encode("sibling", i));
            node = Tree.pair(node, proof[i]);
        }
        fund(entitled);
        commit(eventOf(number));
        nextBlock();
        uint256 period = propose(headerOf(eventOf(number), 1, node, entitled));
        finish(period);
        given = IIncentiveVault.Claim(period, 0, account, entitled, detailOf(0), proof);
    }

    function header(uint256 number) private pure returns (ISettlementAnchor.Header memory) {
        return headerOf(eventOf(number), 1, keccak256(abi.encode("root", number)), 1000 * TOKENS);
    }

    function record(string memory name) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        string memory key = string.concat(".", name);
        if (vm.envOr("GAS_WRITE", false)) {
            vm.writeJson(vm.toString(used), FILE, key);
            return;
        }
        uint256 before = vm.parseJsonUint(vm.readFile(FILE), key);
        vm.assertApproxEqRel(used, before, TOLERANCE, name);
    }
}
