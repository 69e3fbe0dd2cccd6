// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ICommonErrors} from "./ICommonErrors.sol";

/// @title Tells other contracts when settlements become final.
/// @notice A subscriber that fails, loops or returns a lot of data harms nobody: it gets a bounded
/// amount of gas, its answer is not read, and it can be called again by anyone.
interface ISettlementNotifier is ICommonErrors {
    event Subscribed(address indexed subscriber);

    event Unsubscribed(address indexed subscriber);

    /// @notice `subscriber` was told of `period`; not `ok` if its call failed.
    event Notified(address indexed subscriber, uint256 indexed period, bool ok);

    error AlreadySubscribed(address subscriber);

    error NotSubscribed(address subscriber);

    /// @notice There are `max` subscribers.
    error TooManySubscribers(uint256 max);

    /// @notice The period is not final.
    error NotFinal(uint256 period);

    /// @notice The sender gave too little gas for a subscriber's full share.
    error NotEnoughGas(uint256 gasLeft);

    function operator() external view returns (address);

    function anchor() external view returns (address);

    /// @notice Tells the notifier its anchor, once. Operator only.
    function connect(address anchor_) external;

    /// @notice Adds a subscriber, at most 64. Itself or the operator.
    function subscribe(address subscriber) external;

    /// @notice Removes a subscriber. Itself or the operator.
    function unsubscribe(address subscriber) external;

    /// @notice All subscribers, in no particular order.
    function subscribers() external view returns (address[] memory);

    /// @notice Tells all subscribers of a final settlement. Anchor only.
    function notify(uint256 period, bytes32 eventHash, bytes32 root, uint256 totalPay) external;

    /// @notice Tells one subscriber (again) of a final settlement. Anyone.
    function push(uint256 period, address subscriber) external;
}
