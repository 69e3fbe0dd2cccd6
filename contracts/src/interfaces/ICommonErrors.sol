// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title Errors shared by all contracts.
interface ICommonErrors {
    /// @notice `caller` does not have the role that this call requires.
    error NotAuthorised(address caller);

    /// @notice A required address is zero.
    error ZeroAddress();

    /// @notice The contract is connected already; its peers are set once.
    error AlreadyConnected();
}
