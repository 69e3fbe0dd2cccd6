// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {BaselineCommitment} from "../src/BaselineCommitment.sol";
import {IncentiveVault} from "../src/IncentiveVault.sol";
import {ProgrammeToken} from "../src/ProgrammeToken.sol";
import {SettlementAnchor} from "../src/SettlementAnchor.sol";
import {SettlementNotifier} from "../src/SettlementNotifier.sol";
import {ValidatorRegistry} from "../src/ValidatorRegistry.sol";
import {IIncentiveVault} from "../src/interfaces/IIncentiveVault.sol";
import {ISettlementAnchor} from "../src/interfaces/ISettlementAnchor.sol";
import {Test} from "./Test.sol";
import {Tree} from "./Tree.sol";

/// @title All contracts, connected: four founders with 100 tokens of genesis stake each.
abstract contract World is Test {
    struct Line {
        address account;
        uint256 entitled;
    }

    address internal constant OPERATOR = address(0x0907);
    address internal constant GUARDIAN = address(0x6a7d);
    address internal constant DEPLOYER = address(0xde91);
    address internal constant STRANGER = address(0x57a6);
    uint256 internal constant TOKENS = 1e6;
    uint32 internal constant GENESIS_PERIODS = 10;
    uint64 internal constant WINDOW_S = 1 hours;
    uint64 internal constant UNBONDING_S = 2 hours;
    uint64 internal constant START_S = 1_700_000_000;
    bytes32 internal constant BASELINES = keccak256("baselines");

    ProgrammeToken internal token;
    BaselineCommitment internal baselines;
    ValidatorRegistry internal registry;
    IncentiveVault internal vault;
    SettlementNotifier internal notifier;
    SettlementAnchor internal anchor;

    /// @dev Keys of the founders, sorted by address.
    uint256[] internal keys;

    /// @dev Their addresses, stored because deriving one is slow.
    address[] private _addresses;

    /// @dev Lines of the last proposed settlement.
    Line[] internal lines;

    function build() internal {
        vm.warp(START_S);
        vm.roll(100);
        keys = sortedKeys(4);
        deploy(equalStakes(4, 100 * TOKENS));
    }

    // Setup.

    function deploy(uint256[] memory stakes) internal {
        _addresses = addressesOf(keys);
        token = new ProgrammeToken(OPERATOR);
        baselines = new BaselineCommitment(OPERATOR);
        notifier = new SettlementNotifier(OPERATOR);
        vault = new IncentiveVault(token, DEPLOYER);
        registry = new ValidatorRegistry(
            token, _addresses, stakes, GENESIS_PERIODS, UNBONDING_S, DEPLOYER
        );
        anchor = new SettlementAnchor(
            OPERATOR, GUARDIAN, registry, vault, baselines, notifier, WINDOW_S
        );
        vm.prank(DEPLOYER);
        registry.connect(address(vault), address(anchor));
        vm.prank(DEPLOYER);
        vault.connect(address(anchor), address(registry));
        vm.prank(OPERATOR);
        notifier.connect(address(anchor));
    }

    function fund(uint256 amount) internal {
        vm.prank(OPERATOR);
        token.mint(address(vault), amount);
    }

    /// @dev A period has the stakes of the block before it.
    function nextBlock() internal {
        vm.roll(block.number + 1);
        vm.warp(block.timestamp + 12);
    }

    // Settlements.

    function eventOf(uint256 number) internal pure returns (bytes32) {
        return keccak256(abi.encode("event", number));
    }

    function headerOf(bytes32 eventHash, uint32 revision, bytes32 root, uint256 totalPay)
        internal
        pure
        returns (ISettlementAnchor.Header memory)
    {
        return ISettlementAnchor.Header({
            eventHash: eventHash,
            revision: revision,
            root: root,
            inputsRoot: keccak256("inputs"),
            baselinesRoot: BASELINES,
            speedRoot: keccak256("speed"),
            leafCount: 3,
            totalPay: totalPay,
            totalFee: 0,
            termsHash: keccak256("terms")
        });
    }

    function commit(bytes32 eventHash) internal {
        vm.prank(OPERATOR);
        baselines.commit(eventHash, uint64(block.timestamp + 1), BASELINES);
    }

    function propose(ISettlementAnchor.Header memory header) internal returns (uint256) {
        vm.prank(OPERATOR);
        return anchor.propose(header);
    }

    /// @dev The first settlement of event `number`, with a root of no lines.
    function proposeFirst(uint256 number) internal returns (uint256) {
        commit(eventOf(number));
        nextBlock();
        return propose(headerOf(eventOf(number), 1, keccak256(abi.encode("root", number)), 0));
    }

    /// @dev The settlement of event `number` over `lines`.
    function proposeLines(uint256 number, uint256 totalPay) internal returns (uint256) {
        commit(eventOf(number));
        nextBlock();
        return propose(headerOf(eventOf(number), 1, Tree.root(leavesOf(lines)), totalPay));
    }

    function attestAll(uint256 period) internal {
        anchor.attest(period, signaturesOf(keys, anchor.digestOf(period)));
    }

    function finish(uint256 period) internal {
        attestAll(period);
        vm.warp(block.timestamp + WINDOW_S);
        anchor.finalize(period);
    }

    /// @dev One line for `account`, funded, attested and final.
    function settleOne(uint256 number, address account, uint256 entitled, uint256 pay)
        internal
        returns (uint256 period)
    {
        delete lines;
        lines.push(Line(account, entitled));
        lines.push(Line(STRANGER, 0));
        lines.push(Line(OPERATOR, 0));
        fund(pay);
        period = proposeLines(number, pay);
        finish(period);
    }

    function claimOf(uint256 period, uint256 place)
        internal
        view
        returns (IIncentiveVault.Claim memory)
    {
        return IIncentiveVault.Claim({
            period: period,
            index: place,
            account: lines[place].account,
            entitled: lines[place].entitled,
            detail: detailOf(place),
            proof: Tree.proof(leavesOf(lines), place)
        });
    }

    function leavesOf(Line[] memory of_) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](of_.length);
        for (uint256 i; i < of_.length; ++i) {
            leaves[i] = Tree.leaf(i, of_[i].account, of_[i].entitled, detailOf(i));
        }
    }

    function detailOf(uint256 place) internal pure returns (bytes32) {
        return keccak256(abi.encode("detail", place));
    }

    // Validators.

    function founder(uint256 place) internal view returns (address) {
        return _addresses[place];
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function signaturesOf(uint256[] memory keys_, bytes32 digest)
        internal
        pure
        returns (bytes[] memory signatures)
    {
        signatures = new bytes[](keys_.length);
        for (uint256 i; i < keys_.length; ++i) {
            signatures[i] = signature(keys_[i], digest);
        }
    }

    function addressesOf(uint256[] memory keys_) internal pure returns (address[] memory all) {
        all = new address[](keys_.length);
        for (uint256 i; i < keys_.length; ++i) {
            all[i] = vm.addr(keys_[i]);
        }
    }

    /// @dev Insertion sort by address.
    function sortedKeys(uint256 count) internal pure returns (uint256[] memory sorted) {
        sorted = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode("founder", i)));
            uint256 place = i;
            for (; place > 0 && vm.addr(sorted[place - 1]) > vm.addr(key); --place) {
                sorted[place] = sorted[place - 1];
            }
            sorted[place] = key;
        }
    }

    function equalStakes(uint256 count, uint256 stake)
        internal
        pure
        returns (uint256[] memory all)
    {
        all = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            all[i] = stake;
        }
    }

    function firstKeys(uint256 count) internal view returns (uint256[] memory first) {
        first = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            first[i] = keys[i];
        }
    }
}

/// @title Base of tests that use all contracts.
abstract contract WorldTest is World {
    function setUp() public virtual {
        build();
    }
}
