// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ICommonErrors} from "../interfaces/ICommonErrors.sol";
import {ISettlementSubscriber} from "../interfaces/ISettlementSubscriber.sol";

/// @title An example subscriber that records final settlements, as a DSO's contract might.
/// @dev Writes three slots at most, as a subscriber has 100,000 gas.
contract SettlementLedger is ISettlementSubscriber, ICommonErrors {
    struct Entry {
        bytes32 root;
        uint256 totalPay;
    }

    /// @notice A settlement was recorded on the first notification of its number.
    event SettlementRecorded(
        uint256 indexed period, bytes32 indexed eventHash, bytes32 root, uint256 totalPay
    );

    /// @notice The only sender that is accepted.
    address public immutable notifier;

    /// @notice The record of a settlement number; zeros if none.
    mapping(uint256 period => Entry) public entryOf;

    /// @notice Sum of all recorded payments, token units.
    uint256 public totalPay;

    constructor(address notifier_) {
        require(notifier_ != address(0), ZeroAddress());
        notifier = notifier_;
    }

    /// @inheritdoc ISettlementSubscriber
    function onSettlementFinal(uint256 period, bytes32 eventHash, bytes32 root, uint256 pay)
        external
    {
        require(msg.sender == notifier, NotAuthorised(msg.sender));
        if (entryOf[period].root != 0) return;

        entryOf[period] = Entry(root, pay);
        totalPay += pay;
        emit SettlementRecorded(period, eventHash, root, pay);
    }
}
