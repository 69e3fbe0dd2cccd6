// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ICommonErrors} from "./ICommonErrors.sol";

/// @title Notifies other contracts of final settlements.
/// @notice A subscriber that fails, loops or returns a lot of data does not affect others: its gas
/// is bounded, its returned data is ignored, and anyone can notify it again.
interface ISettlementNotifier is ICommonErrors {
    event Subscribed(address indexed subscriber);

    event Unsubscribed(address indexed subscriber);

    /// @notice `subscriber` was notified of `period`; not `ok` if its call failed.
    event Notified(address indexed subscriber, uint256 indexed period, bool ok);

    error AlreadySubscribed(address subscriber);

    error NotSubscribed(address subscriber);

    /// @notice There are `max` subscribers.
    error TooManySubscribers(uint256 max);

    /// @notice The period is not final.
    error NotFinal(uint256 period);

    /// @notice The transaction has too little gas for a subscriber's full share.
    error NotEnoughGas(uint256 gasLeft);

    function operator() external view returns (address);

    function anchor() external view returns (address);

    /// @notice Sets the notifier's anchor, once. Operator only.
    function connect(address anchor_) external;

    /// @notice Adds a subscriber, at most 64. Subscriber or operator only.
    function subscribe(address subscriber) external;

    /// @notice Removes a subscriber. Subscriber or operator only.
    function unsubscribe(address subscriber) external;

    /// @notice All subscribers, in no particular order.
    function subscribers() external view returns (address[] memory);

    /// @notice Notifies all subscribers of a final settlement. Anchor only.
    function notify(uint256 period, bytes32 eventHash, bytes32 root, uint256 totalPay) external;

    /// @notice Notifies one subscriber (again) of a final settlement. Anyone may send it.
    function push(uint256 period, address subscriber) external;
}
