// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {BaselineCommitment} from "../src/BaselineCommitment.sol";
import {IBaselineCommitment} from "../src/interfaces/IBaselineCommitment.sol";
import {ICommonErrors} from "../src/interfaces/ICommonErrors.sol";
import {WorldTest} from "./World.sol";

contract BaselineCommitmentTest is WorldTest {
    bytes32 private constant ROOT = keccak256("root");

    function test_constructor_revertsWithoutOperator() public {
        expectRevert(ICommonErrors.ZeroAddress.selector);
        new BaselineCommitment(address(0));
    }

    function test_commit_revertsForAnyoneButTheOperator(address caller) public {
        vm.assume(caller != OPERATOR);
        expectRevert(abi.encodeWithSelector(ICommonErrors.NotAuthorised.selector, caller));
        vm.prank(caller);
        baselines.commit(eventOf(1), START_S + 1, ROOT);
    }

    function test_commit_revertsOnAZeroRoot() public {
        expectRevert(IBaselineCommitment.ZeroRoot.selector);
        vm.prank(OPERATOR);
        baselines.commit(eventOf(1), START_S + 1, 0);
    }

    function test_commit_revertsOnceTheEventHasStarted(uint64 lateS) public {
        uint64 nowS = uint64(bound(lateS, START_S, type(uint48).max));
        vm.warp(nowS);
        expectRevert(
            abi.encodeWithSelector(IBaselineCommitment.EventStarted.selector, START_S, nowS)
        );
        vm.prank(OPERATOR);
        baselines.commit(eventOf(1), START_S, ROOT);
    }

    function test_commit_revertsTheSecondTime() public {
        vm.prank(OPERATOR);
        baselines.commit(eventOf(1), START_S + 10, ROOT);
        expectRevert(
            abi.encodeWithSelector(IBaselineCommitment.AlreadyCommitted.selector, eventOf(1), ROOT)
        );
        vm.prank(OPERATOR);
        baselines.commit(eventOf(1), START_S + 20, keccak256("another"));
    }

    function test_commit_keepsRootStartAndTime(bytes32 eventHash, bytes32 root, uint64 startS)
        public
    {
        vm.assume(root != 0 && startS > START_S);
        vm.expectEmit(address(baselines));
        emit IBaselineCommitment.BaselineCommitted(eventHash, root, startS);
        vm.prank(OPERATOR);
        baselines.commit(eventHash, startS, root);

        (bytes32 keptRoot, uint64 keptStartS, uint64 committedAtS) =
            baselines.commitmentOf(eventHash);
        assertEq(keptRoot, root, "root");
        assertEq(keptStartS, startS, "start");
        assertEq(committedAtS, START_S, "committed at");
    }

    function test_commitmentOf_isZeroWithoutACommitment() public view {
        (bytes32 root, uint64 startS, uint64 committedAtS) = baselines.commitmentOf(eventOf(9));
        assertEq(root, 0, "root");
        assertEq(startS + committedAtS, 0, "times");
    }
}
