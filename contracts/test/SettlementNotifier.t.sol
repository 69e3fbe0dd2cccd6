// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {SettlementNotifier} from "../src/SettlementNotifier.sol";
import {SettlementLedger} from "../src/examples/SettlementLedger.sol";
import {ICommonErrors} from "../src/interfaces/ICommonErrors.sol";
import {ISettlementNotifier} from "../src/interfaces/ISettlementNotifier.sol";
import {ISettlementSubscriber} from "../src/interfaces/ISettlementSubscriber.sol";
import {WorldTest} from "./World.sol";

contract Failing is ISettlementSubscriber {
    function onSettlementFinal(uint256, bytes32, bytes32, uint256) external pure {
        revert("no");
    }
}

contract Greedy is ISettlementSubscriber {
    function onSettlementFinal(uint256, bytes32, bytes32, uint256) external view {
        while (gasleft() > 0) {}
    }
}

/// @dev Returns as much data as its gas allows; copying it would cost the caller as much again.
contract Bomb {
    fallback() external {
        assembly {
            return(0, 150000)
        }
    }
}

/// @dev Fails at once, and cheaply, without its full share of gas.
contract Picky is ISettlementSubscriber {
    bool public isNotified;

    function onSettlementFinal(uint256, bytes32, bytes32, uint256) external {
        require(gasleft() > 99_000, "not my share");
        isNotified = true;
    }
}

/// @dev Unsubscribes while it is being notified.
contract Leaver is ISettlementSubscriber {
    function onSettlementFinal(uint256, bytes32, bytes32, uint256) external {
        ISettlementNotifier(msg.sender).unsubscribe(address(this));
    }
}

contract SettlementNotifierTest is WorldTest {
    SettlementLedger private ledger;

    function setUp() public override {
        super.setUp();
        ledger = new SettlementLedger(address(notifier));
    }

    function test_constructor_revertsWithoutOperator() public {
        expectRevert(ICommonErrors.ZeroAddress.selector);
        new SettlementNotifier(address(0));
    }

    function test_connect_revertsForStrangersZeroAndTheSecondTime() public {
        SettlementNotifier fresh = new SettlementNotifier(OPERATOR);
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, STRANGER));
        vm.prank(STRANGER);
        fresh.connect(address(anchor));
        expectRevert(ICommonErrors.ZeroAddress.selector);
        vm.prank(OPERATOR);
        fresh.connect(address(0));
        expectRevert(ICommonErrors.AlreadyConnected.selector);
        vm.prank(OPERATOR);
        notifier.connect(address(anchor));
    }

    // The list.

    function test_subscribe_revertsForOthersAndTheSecondTime() public {
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, STRANGER));
        vm.prank(STRANGER);
        notifier.subscribe(address(ledger));
        subscribe(address(ledger));
        expectRevert(
            abi.encodeWithSelector(ISettlementNotifier.AlreadySubscribed.selector, address(ledger))
        );
        vm.prank(OPERATOR);
        notifier.subscribe(address(ledger));
    }

    function test_subscribe_revertsAboveSixtyFour() public {
        for (uint160 i = 1; i <= 64; ++i) {
            subscribe(address(0x5000 + i));
        }
        expectRevert(abi.encodeWithSelector(ISettlementNotifier.TooManySubscribers.selector, 64));
        vm.prank(STRANGER);
        notifier.subscribe(STRANGER);
    }

    function test_unsubscribe_revertsForOthersAndUnlessSubscribed() public {
        subscribe(address(ledger));
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, STRANGER));
        vm.prank(STRANGER);
        notifier.unsubscribe(address(ledger));
        expectRevert(abi.encodeWithSelector(ISettlementNotifier.NotSubscribed.selector, STRANGER));
        vm.prank(STRANGER);
        notifier.unsubscribe(STRANGER);
    }

    /// @dev In any order of subscribing and unsubscribing, the list has exactly the subscribed.
    function test_subscribers_areTheSubscribedOnes(uint8[30] memory moves) public {
        bool[8] memory isIn;
        uint256 count;
        for (uint256 i; i < moves.length; ++i) {
            uint256 who = moves[i] % 8;
            address subscriber = address(uint160(0x5000 + who));
            vm.prank(subscriber);
            if (isIn[who]) notifier.unsubscribe(subscriber);
            else notifier.subscribe(subscriber);
            isIn[who] = !isIn[who];
            count = isIn[who] ? count + 1 : count - 1;
        }
        address[] memory all = notifier.subscribers();
        assertEq(all.length, count, "count");
        for (uint256 i; i < all.length; ++i) {
            uint256 who = uint160(all[i]) - 0x5000;
            assertTrue(isIn[who], "listed once, and in");
            isIn[who] = false;
        }
    }

    // Notifying.

    function test_notify_revertsForAnyoneButTheAnchor(address caller) public {
        vm.assume(caller != address(anchor));
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, caller));
        vm.prank(caller);
        notifier.notify(1, 0, "root", 0);
    }

    function test_notify_callsEverySubscriber() public {
        subscribe(address(ledger));
        SettlementLedger other = new SettlementLedger(address(notifier));
        subscribe(address(other));
        settleOne(1, STRANGER, 40, 40);
        assertRecorded(ledger, 1, 40);
        assertRecorded(other, 1, 40);
    }

    function test_notify_isNotAffectedByBadSubscribers() public {
        address[4] memory bad =
            [address(new Failing()), address(new Greedy()), address(new Bomb()), STRANGER];
        for (uint256 i; i < bad.length; ++i) {
            subscribe(bad[i]);
        }
        subscribe(address(ledger));
        uint256 period = proposeFirst(1);
        attestAll(period);
        vm.warp(block.timestamp + WINDOW_S);
        expectNotified(bad[0], false);
        expectNotified(bad[1], false);
        expectNotified(bad[2], true);
        expectNotified(bad[3], true);
        expectNotified(address(ledger), true);
        anchor.finalize(period);
        // The greedy one burns 100,000, the bomb 57,000; copying its data would cost as much again.
        // Without subscribers it is 80,000, of which the vault's copy of the root is 22,000.
        assertLe(vm.lastCallGas().gasTotalUsed, 262_000, "gas");
        assertRecorded(ledger, 1, 0);
    }

    function test_notify_callsAllWhenASubscriberUnsubscribes() public {
        Leaver leaver = new Leaver();
        subscribe(address(leaver));
        subscribe(address(ledger));
        settleOne(1, STRANGER, 40, 40);
        assertRecorded(ledger, 1, 40);
        assertEq(notifier.subscribers().length, 1, "one left");
    }

    /// @dev 64 subscribers that burn all their gas fit a block of 16,777,216 gas.
    function test_notify_boundsTheWorstCase() public {
        bytes memory greedy = address(new Greedy()).code;
        for (uint160 i = 1; i <= 64; ++i) {
            vm.etch(address(0x5000 + i), greedy);
            subscribe(address(0x5000 + i));
        }
        finish(proposeFirst(1));
        assertLe(vm.lastCallGas().gasTotalUsed, 16_777_216 / 2, "gas");
    }

    /// @dev A sender cannot skip a subscriber by sending too little gas.
    function test_notify_revertsWithTooLittleGas(uint32 gasGiven) public {
        Picky picky = new Picky();
        subscribe(address(picky));
        uint256 period = proposeFirst(1);
        attestAll(period);
        vm.warp(block.timestamp + WINDOW_S);
        // Around the gas needed, most of which is spent before the subscriber is called.
        uint256 given = bound(gasGiven, 50_000, 250_000);
        try anchor.finalize{gas: given}(period) {
            assertTrue(picky.isNotified(), "notified");
        } catch {
            assertEq(anchor.finalRoot(period), 0, "not final");
        }
    }

    // Notifying again.

    function test_push_revertsUnlessSubscribedAndFinal() public {
        expectRevert(
            abi.encodeWithSelector(ISettlementNotifier.NotSubscribed.selector, address(ledger))
        );
        notifier.push(1, address(ledger));
        subscribe(address(ledger));
        expectRevert(abi.encodeWithSelector(ISettlementNotifier.NotFinal.selector, 1));
        notifier.push(1, address(ledger));
        attestAll(proposeFirst(1));
        expectRevert(abi.encodeWithSelector(ISettlementNotifier.NotFinal.selector, 1));
        notifier.push(1, address(ledger));
    }

    function test_push_notifiesALateSubscriber() public {
        settleOne(1, STRANGER, 40, 40);
        subscribe(address(ledger));
        expectNotified(address(ledger), true);
        notifier.push(1, address(ledger));
        assertRecorded(ledger, 1, 40);
        notifier.push(1, address(ledger));
        assertEq(ledger.totalPay(), 40, "recorded once");
    }

    // The example.

    function test_ledger_revertsForAnyoneButItsNotifier(address caller) public {
        vm.assume(caller != address(notifier));
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, caller));
        vm.prank(caller);
        ledger.onSettlementFinal(1, "event", "root", 1);
        expectRevert(ICommonErrors.ZeroAddress.selector);
        new SettlementLedger(address(0));
    }

    function test_ledger_addsUp() public {
        subscribe(address(ledger));
        settleOne(1, STRANGER, 40, 40);
        settleOne(2, STRANGER, 70, 30);
        assertRecorded(ledger, 1, 40);
        assertRecorded(ledger, 2, 30);
        assertEq(ledger.totalPay(), 70, "40 + 30");
    }

    function subscribe(address subscriber) private {
        vm.prank(OPERATOR);
        notifier.subscribe(subscriber);
    }

    function assertRecorded(SettlementLedger recorded, uint256 period, uint256 pay) private view {
        (bytes32 root, uint256 totalPay) = recorded.entryOf(period);
        assertEq(root, anchor.headerOf(period).root, "root");
        assertEq(totalPay, pay, "pay");
    }

    function expectNotified(address subscriber, bool ok) private {
        vm.expectEmit(address(notifier));
        emit ISettlementNotifier.Notified(subscriber, 1, ok);
    }
}
