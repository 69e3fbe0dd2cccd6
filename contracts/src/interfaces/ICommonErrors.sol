// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title Errors that mean the same in every contract.
interface ICommonErrors {
    /// @notice `caller` has not the role that this call needs.
    error NotAuthorised(address caller);

    /// @notice An address that must be given is zero.
    error ZeroAddress();

    /// @notice The contract knows its peers already; they are set once.
    error AlreadyConnected();
}
