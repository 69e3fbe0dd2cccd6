// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ISettlementAnchor} from "./interfaces/ISettlementAnchor.sol";
import {ISettlementNotifier} from "./interfaces/ISettlementNotifier.sol";
import {ISettlementSubscriber} from "./interfaces/ISettlementSubscriber.sol";

/// @title A bounded list of subscribers, each called with bounded gas.
contract SettlementNotifier is ISettlementNotifier {
    /// @notice 64 subscribers that burn all their gas take 6.6 of the 16.7 million a block may
    /// allow.
    uint256 public constant SUBSCRIBERS_MAX = 64;

    /// @notice Gas that one subscriber may spend.
    uint256 public constant SUBSCRIBER_GAS = 100_000;

    /// @dev Gas left for the call itself and the event after it.
    uint256 private constant GAS_RESERVE = 10_000;

    /// @inheritdoc ISettlementNotifier
    address public immutable operator;

    /// @inheritdoc ISettlementNotifier
    address public anchor;

    address[] private _subscribers;

    /// @dev Position in `_subscribers`, from 1; 0 is not subscribed.
    mapping(address subscriber => uint256) private _placeOf;

    constructor(address operator_) {
        require(operator_ != address(0), ZeroAddress());
        operator = operator_;
    }

    modifier onlySelfOrOperator(address subscriber) {
        require(msg.sender == subscriber || msg.sender == operator, NotAuthorised(msg.sender));
        _;
    }

    /// @inheritdoc ISettlementNotifier
    function connect(address anchor_) external {
        require(msg.sender == operator, NotAuthorised(msg.sender));
        require(anchor == address(0), AlreadyConnected());
        require(anchor_ != address(0), ZeroAddress());

        anchor = anchor_;
    }

    /// @inheritdoc ISettlementNotifier
    function subscribe(address subscriber) external onlySelfOrOperator(subscriber) {
        require(_placeOf[subscriber] == 0, AlreadySubscribed(subscriber));
        require(_subscribers.length < SUBSCRIBERS_MAX, TooManySubscribers(SUBSCRIBERS_MAX));

        _subscribers.push(subscriber);
        _placeOf[subscriber] = _subscribers.length;
        emit Subscribed(subscriber);
    }

    /// @inheritdoc ISettlementNotifier
    function unsubscribe(address subscriber) external onlySelfOrOperator(subscriber) {
        uint256 place = _placeOf[subscriber];
        require(place != 0, NotSubscribed(subscriber));

        address last = _subscribers[_subscribers.length - 1];
        _subscribers[place - 1] = last;
        _placeOf[last] = place;
        _subscribers.pop();
        delete _placeOf[subscriber];
        emit Unsubscribed(subscriber);
    }

    /// @inheritdoc ISettlementNotifier
    function notify(uint256 period, bytes32 eventHash, bytes32 root, uint256 totalPay) external {
        require(msg.sender == anchor, NotAuthorised(msg.sender));

        // A copy: a subscriber that unsubscribes during its call must not shift the others.
        address[] memory all = _subscribers;
        bytes memory data = _encode(period, eventHash, root, totalPay);
        for (uint256 i; i < all.length; ++i) {
            _call(all[i], period, data);
        }
    }

    /// @inheritdoc ISettlementNotifier
    function push(uint256 period, address subscriber) external {
        require(_placeOf[subscriber] != 0, NotSubscribed(subscriber));
        bytes32 root = ISettlementAnchor(anchor).finalRoot(period);
        require(root != 0, NotFinal(period));

        ISettlementAnchor.Header memory header = ISettlementAnchor(anchor).headerOf(period);
        _call(subscriber, period, _encode(period, header.eventHash, root, header.totalPay));
    }

    /// @inheritdoc ISettlementNotifier
    function subscribers() external view returns (address[] memory) {
        return _subscribers;
    }

    function _encode(uint256 period, bytes32 eventHash, bytes32 root, uint256 totalPay)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(
            ISettlementSubscriber.onSettlementFinal, (period, eventHash, root, totalPay)
        );
    }

    /// @dev In assembly because a high-level call copies the returned data, of any length, at our
    /// cost.
    function _call(address subscriber, uint256 period, bytes memory data) private {
        // A call gets at most 63/64 of the remaining gas (EIP-150), so a sender could give a
        // subscriber too little.
        uint256 left = gasleft();
        require(left - left / 64 >= SUBSCRIBER_GAS + GAS_RESERVE, NotEnoughGas(left));
        bool ok;
        assembly ("memory-safe") {
            ok := call(SUBSCRIBER_GAS, subscriber, 0, add(data, 32), mload(data), 0, 0)
        }
        emit Notified(subscriber, period, ok);
    }
}
