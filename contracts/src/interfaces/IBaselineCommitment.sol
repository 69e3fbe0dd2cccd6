// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ICommonErrors} from "./ICommonErrors.sol";

/// @title Fixes the baselines of an event before it starts.
/// @notice A settlement can only be proposed with the root stored here, so nobody can choose a
/// baseline after seeing the readings.
interface IBaselineCommitment is ICommonErrors {
    /// @notice `root` was committed for the baselines of `eventHash`, which starts at `startS`.
    event BaselineCommitted(bytes32 indexed eventHash, bytes32 root, uint64 startS);

    /// @notice The event has started at `startS`; it is `nowS`.
    error EventStarted(uint64 startS, uint64 nowS);

    /// @notice The event has a root already.
    error AlreadyCommitted(bytes32 eventHash, bytes32 root);

    /// @notice A root of zero is not a root.
    error ZeroRoot();

    /// @notice The account that may commit.
    function operator() external view returns (address);

    /// @notice Commits to all baselines of an event, once, before it starts. Operator only.
    /// @param eventHash keccak256 of the event's id.
    /// @param startS when the event starts, seconds since 1970 UTC.
    /// @param root Merkle root of the baselines, one leaf per member.
    function commit(bytes32 eventHash, uint64 startS, bytes32 root) external;

    /// @notice The commitment for an event; zeros if there is none.
    function commitmentOf(bytes32 eventHash)
        external
        view
        returns (bytes32 root, uint64 startS, uint64 committedAtS);
}
