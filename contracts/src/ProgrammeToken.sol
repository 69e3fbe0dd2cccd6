// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A programme's own currency, for chains without a token to pay in.
/// @notice One unit is one micro of the programme's currency.
contract ProgrammeToken is ERC20, Ownable {
    constructor(address admin) ERC20("Wattproof Programme Token", "WATT") Ownable(admin) {}

    /// @notice Issues `amount` to `to`. Owner only.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    /// @notice Six: token units are micros, as in settlements.
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
