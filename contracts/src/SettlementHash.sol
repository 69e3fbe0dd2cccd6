// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ISettlementAnchor} from "./interfaces/ISettlementAnchor.sol";

/// @title EIP-712 hashes that validators sign; `schemas/settlement.ts` has the same types.
/// @dev Written out: OpenZeppelin's EIP712 needs opcodes that the `paris` target does not have.
library SettlementHash {
    bytes32 internal constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    bytes32 internal constant HEADER_TYPEHASH = keccak256(
        "Settlement(uint256 period,bytes32 eventHash,uint32 revision,bytes32 root,"
        "bytes32 inputsRoot,bytes32 baselinesRoot,bytes32 speedRoot,uint32 leafCount,"
        "uint256 totalPay,uint256 totalFee,bytes32 termsHash)"
    );

    bytes32 internal constant NAME_HASH = keccak256("Wattproof");
    bytes32 internal constant VERSION_HASH = keccak256("1");

    /// @notice Binds signatures to one chain and one anchor.
    function domainSeparator(uint256 chainId, address anchor) internal pure returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, chainId, anchor));
    }

    /// @notice The digest to sign for a period's header.
    /// @dev A struct of static fields is encoded in place, one word per field, as EIP-712 requires.
    function digest(bytes32 domain, uint256 period, ISettlementAnchor.Header memory header)
        internal
        pure
        returns (bytes32)
    {
        bytes32 structHash = keccak256(abi.encode(HEADER_TYPEHASH, period, header));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }
}
