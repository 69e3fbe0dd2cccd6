// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {WorldTest} from "./World.sol";

contract ProgrammeTokenTest is WorldTest {
    function test_mint_revertsForAnyoneButTheOwner(address caller) public {
        vm.assume(caller != OPERATOR);
        expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, caller));
        vm.prank(caller);
        token.mint(caller, 1);
    }

    function test_mint_addsToBalanceAndSupply(uint128 first, uint128 second) public {
        vm.prank(OPERATOR);
        token.mint(STRANGER, first);
        vm.prank(OPERATOR);
        token.mint(OPERATOR, second);
        assertEq(token.balanceOf(STRANGER), first, "balance");
        assertEq(token.totalSupply(), uint256(first) + second, "supply");
    }

    function test_decimals_areThoseOfMicros() public view {
        assertEq(token.decimals(), 6, "decimals");
    }
}
