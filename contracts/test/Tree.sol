// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title A Merkle tree with sorted pairs; an odd node goes up as it is.
library Tree {
    function leaf(uint256 index, address account, uint256 entitled, bytes32 detail)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(bytes.concat(keccak256(abi.encode(index, account, entitled, detail))));
    }

    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        bytes32[] memory level = leaves;
        while (level.length > 1) level = up(level);
        return level[0];
    }

    function proof(bytes32[] memory leaves, uint256 place)
        internal
        pure
        returns (bytes32[] memory siblings)
    {
        bytes32[] memory found = new bytes32[](32);
        uint256 depth;
        for (bytes32[] memory level = leaves; level.length > 1; level = up(level)) {
            if (place ^ 1 < level.length) found[depth++] = level[place ^ 1];
            place /= 2;
        }
        siblings = new bytes32[](depth);
        for (uint256 i; i < depth; ++i) {
            siblings[i] = found[i];
        }
    }

    function up(bytes32[] memory level) internal pure returns (bytes32[] memory next) {
        next = new bytes32[]((level.length + 1) / 2);
        for (uint256 i; i < next.length; ++i) {
            bool isPair = 2 * i + 1 < level.length;
            next[i] = isPair ? pair(level[2 * i], level[2 * i + 1]) : level[2 * i];
        }
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }
}
