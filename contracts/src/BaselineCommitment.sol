// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IBaselineCommitment} from "./interfaces/IBaselineCommitment.sol";

/// @title Stores roots of baselines, each once and before its event.
contract BaselineCommitment is IBaselineCommitment {
    struct Commitment {
        bytes32 root;
        uint64 startS;
        uint64 committedAtS;
    }

    /// @inheritdoc IBaselineCommitment
    address public immutable operator;

    /// @inheritdoc IBaselineCommitment
    mapping(bytes32 eventHash => Commitment) public commitmentOf;

    constructor(address operator_) {
        require(operator_ != address(0), ZeroAddress());
        operator = operator_;
    }

    /// @inheritdoc IBaselineCommitment
    function commit(bytes32 eventHash, uint64 startS, bytes32 root) external {
        require(msg.sender == operator, NotAuthorised(msg.sender));
        require(root != 0, ZeroRoot());
        require(block.timestamp < startS, EventStarted(startS, uint64(block.timestamp)));
        bytes32 before = commitmentOf[eventHash].root;
        require(before == 0, AlreadyCommitted(eventHash, before));

        commitmentOf[eventHash] = Commitment(root, startS, uint64(block.timestamp));
        emit BaselineCommitted(eventHash, root, startS);
    }
}
