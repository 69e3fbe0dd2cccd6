// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SettlementAnchor} from "../src/SettlementAnchor.sol";
import {SettlementHash} from "../src/SettlementHash.sol";
import {ISettlementAnchor} from "../src/interfaces/ISettlementAnchor.sol";
import {Tree} from "./Tree.sol";
import {WorldTest} from "./World.sol";

/// @title Vectors shared with TypeScript: leaves, trees, and the digest of a header.
contract VectorsTest is WorldTest {
    string private constant LEAF_FILE = "schemas/vectors/leaf.json";
    string private constant HEADER_FILE = "schemas/vectors/header.json";

    function test_vectors_leaves() public view {
        string memory json = vm.readFile(LEAF_FILE);
        uint256 count;
        for (; vm.keyExistsJson(json, item(".leaf", count)); ++count) {
            string memory key = item(".leaf", count);
            bytes32 hash = Tree.leaf(
                vm.parseJsonUint(json, string.concat(key, ".index")),
                vm.parseJsonAddress(json, string.concat(key, ".account")),
                vm.parseJsonUint(json, string.concat(key, ".entitled")),
                vm.parseJsonBytes32(json, string.concat(key, ".detail"))
            );
            assertEq(hash, vm.parseJsonBytes32(json, string.concat(key, ".hash")), key);
        }
        assertTrue(count > 0, "there are leaves");
    }

    function test_vectors_proofs() public view {
        string memory json = vm.readFile(LEAF_FILE);
        uint256 count;
        for (; vm.keyExistsJson(json, item(".tree", count)); ++count) {
            string memory key = item(".tree", count);
            bytes32 root = vm.parseJsonBytes32(json, string.concat(key, ".root"));
            bytes32[] memory leaves = vm.parseJsonBytes32Array(json, string.concat(key, ".leaves"));
            for (uint256 i; vm.keyExistsJson(json, item(string.concat(key, ".proofs"), i)); ++i) {
                bytes32[] memory proof =
                    vm.parseJsonBytes32Array(json, item(string.concat(key, ".proofs"), i));
                assertTrue(MerkleProof.verify(proof, root, leaves[i]), key);
                assertFalse(MerkleProof.verify(proof, root, ~leaves[i]), "another leaf");
            }
        }
        assertTrue(count > 0, "there are trees");
    }

    /// @dev The digests of the library and of an anchor at that address.
    function test_vectors_headerDigests() public {
        if (vm.envOr("VECTORS_WRITE", false)) writeHeaders();
        string memory json = vm.readFile(HEADER_FILE);
        uint256 count;
        for (; vm.keyExistsJson(json, item(".header", count)); ++count) {
            string memory key = item(".header", count);
            bytes32 expected = vm.parseJsonBytes32(json, string.concat(key, ".digest"));
            assertEq(digestOf(json, key), expected, key);
        }
        assertTrue(count > 1, "there are headers");
    }

    /// @dev A deployed anchor and the library give the same digest.
    function test_digestOf_isThatOfTheLibrary(ISettlementAnchor.Header memory given, uint32 chain)
        public
    {
        given.revision = 1;
        given.baselinesRoot = BASELINES;
        given.totalPay = bound(given.totalPay, 0, type(uint128).max);
        given.totalFee = bound(given.totalFee, 0, type(uint128).max);
        vm.assume(given.root != 0 && given.leafCount != 0);
        commit(given.eventHash);
        uint256 period = propose(given);
        vm.chainId(uint256(chain) + 1);
        bytes32 domain = SettlementHash.domainSeparator(uint256(chain) + 1, address(anchor));
        assertEq(anchor.digestOf(period), SettlementHash.digest(domain, period, given), "digest");
    }

    function digestOf(string memory json, string memory key) private pure returns (bytes32) {
        uint256 chainId = vm.parseJsonUint(json, string.concat(key, ".domain.chainId"));
        address verifier =
            vm.parseJsonAddress(json, string.concat(key, ".domain.verifyingContract"));
        uint256 period = vm.parseJsonUint(json, string.concat(key, ".period"));
        return SettlementHash.digest(
            SettlementHash.domainSeparator(chainId, verifier),
            period,
            readHeader(json, string.concat(key, ".fields."))
        );
    }

    function readHeader(string memory json, string memory key)
        private
        pure
        returns (ISettlementAnchor.Header memory header)
    {
        header.eventHash = vm.parseJsonBytes32(json, string.concat(key, "eventHash"));
        header.revision = uint32(vm.parseJsonUint(json, string.concat(key, "revision")));
        header.root = vm.parseJsonBytes32(json, string.concat(key, "root"));
        header.inputsRoot = vm.parseJsonBytes32(json, string.concat(key, "inputsRoot"));
        header.baselinesRoot = vm.parseJsonBytes32(json, string.concat(key, "baselinesRoot"));
        header.speedRoot = vm.parseJsonBytes32(json, string.concat(key, "speedRoot"));
        header.leafCount = uint32(vm.parseJsonUint(json, string.concat(key, "leafCount")));
        header.totalPay = vm.parseJsonUint(json, string.concat(key, "totalPay"));
        header.totalFee = vm.parseJsonUint(json, string.concat(key, "totalFee"));
        header.termsHash = vm.parseJsonBytes32(json, string.concat(key, "termsHash"));
    }

    // VECTORS_WRITE=true writes them.

    function writeHeaders() private {
        string memory list;
        for (uint256 i; i < 4; ++i) {
            list = string.concat(list, i == 0 ? "" : ",", vector(i));
        }
        string memory note = "Digests made by SettlementHash.sol. Old vectors are never deleted.";
        vm.writeFile(
            HEADER_FILE,
            string.concat('{\n "note": "', note, '",\n "header": [', list, "\n ]\n}\n")
        );
    }

    /// @dev 0: zeros; 1: the demo's chain; 2: a public chain; 3: the largest numbers.
    function vector(uint256 i) private pure returns (string memory) {
        uint256[4] memory chains = [uint256(1), 31337, 11155111, type(uint64).max];
        address verifier = i == 0 ? address(0) : address(uint160(uint256(word("anchor", i))));
        uint256 period = i == 3 ? type(uint256).max : i;
        ISettlementAnchor.Header memory header = sample(i);
        bytes32 domain = SettlementHash.domainSeparator(chains[i], verifier);
        return string.concat(
            '\n  {\n   "domain": {"name": "Wattproof", "version": "1", "chainId": "',
            vm.toString(chains[i]),
            '", "verifyingContract": "',
            vm.toString(verifier),
            '"},\n   "period": "',
            vm.toString(period),
            '",\n   "fields": {',
            fieldsOf(header),
            '},\n   "digest": "',
            vm.toString(SettlementHash.digest(domain, period, header)),
            '"\n  }'
        );
    }

    function sample(uint256 i) private pure returns (ISettlementAnchor.Header memory header) {
        if (i == 0) return header;
        header.eventHash = word("event", i);
        header.revision = i == 3 ? type(uint32).max : uint32(i);
        header.root = word("root", i);
        header.inputsRoot = word("inputs", i);
        header.baselinesRoot = word("baselines", i);
        header.speedRoot = word("speed", i);
        header.leafCount = i == 3 ? type(uint32).max : uint32(1000 * i);
        header.totalPay = i == 3 ? type(uint256).max : 123_456_789 * i;
        header.totalFee = i == 3 ? type(uint256).max : 98_765 * i;
        header.termsHash = word("terms", i);
    }

    function fieldsOf(ISettlementAnchor.Header memory header)
        private
        pure
        returns (string memory)
    {
        string memory first = string.concat(
            field("eventHash", vm.toString(header.eventHash), ","),
            field("revision", vm.toString(header.revision), ","),
            field("root", vm.toString(header.root), ","),
            field("inputsRoot", vm.toString(header.inputsRoot), ","),
            field("baselinesRoot", vm.toString(header.baselinesRoot), ",")
        );
        return string.concat(
            first,
            field("speedRoot", vm.toString(header.speedRoot), ","),
            field("leafCount", vm.toString(header.leafCount), ","),
            field("totalPay", vm.toString(header.totalPay), ","),
            field("totalFee", vm.toString(header.totalFee), ","),
            field("termsHash", vm.toString(header.termsHash), "")
        );
    }

    function field(string memory name, string memory value, string memory end)
        private
        pure
        returns (string memory)
    {
        return string.concat('\n    "', name, '": "', value, '"', end);
    }

    function item(string memory list, uint256 i) private pure returns (string memory) {
        return string.concat(list, "[", vm.toString(i), "]");
    }

    function word(string memory what, uint256 i) private pure returns (bytes32) {
        return keccak256(abi.encode(what, i));
    }
}
