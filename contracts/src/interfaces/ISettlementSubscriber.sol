// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title A contract that is notified of final settlements.
interface ISettlementSubscriber {
    /// @notice A settlement is final.
    /// @dev Called by the notifier with 100,000 gas; returned data is ignored. Check the sender.
    /// The same period may be notified more than once.
    function onSettlementFinal(uint256 period, bytes32 eventHash, bytes32 root, uint256 totalPay)
        external;
}
