// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ICommonErrors} from "./ICommonErrors.sol";

/// @title Pays final settlements, each once.
/// @notice A leaf has its payee's cumulative entitlement. A claim pays that less what was claimed
/// before, so one claim covers any number of periods and no bitmap is needed.
/// To fund the vault, transfer tokens to it.
interface IIncentiveVault is ICommonErrors {
    /// @notice One leaf and its proof under the root of a final period.
    /// @param period number of the settlement that has the root.
    /// @param index of the leaf in its settlement.
    /// @param account the payee.
    /// @param entitled total ever earned by `account`, with this settlement, in token units.
    /// @param detail hash of all inputs of the line.
    /// @param proof siblings from the leaf to the root, lowest first.
    struct Claim {
        uint256 period;
        uint256 index;
        address account;
        uint256 entitled;
        bytes32 detail;
        bytes32[] proof;
    }

    /// @notice `account` was paid `amount`, to its stake if `staked`; `entitled` is its new total.
    event Claimed(
        address indexed account,
        uint256 indexed period,
        uint256 amount,
        uint256 entitled,
        bool staked
    );

    /// @notice Claims for `account` go to its stake from now on, or no longer.
    event EarningsStaked(address indexed account, bool staked);

    /// @notice A period became final: `amount` more is owed.
    event Owed(uint256 indexed period, uint256 amount, uint256 owed);

    /// @notice The vault has `balance`, less than the `due` that is owed and not paid out.
    error Underfunded(uint256 balance, uint256 due);

    /// @notice The proof does not lead to the root of a final period (zero: not final).
    error LeafNotUnderRoot(bytes32 leaf, bytes32 root);

    /// @notice The entitlement of this leaf was paid already.
    error NothingToClaim(address account, uint256 claimed);

    /// @notice The leaves of a settlement add up to more than its header.
    error MoreThanOwed(uint256 amount, uint256 left);

    /// @notice A call accepts between one and `max` claims.
    error WrongClaimCount(uint256 count, uint256 max);

    function token() external view returns (IERC20);

    /// @notice The contract that reports final roots.
    function anchor() external view returns (address);

    /// @notice The contract that receives staked earnings.
    function registry() external view returns (address);

    /// @notice Sets the vault's peers, once. Deployer only.
    function connect(address anchor_, address registry_) external;

    /// @notice Stores a final settlement's root and adds its total to what is owed. Anchor only.
    /// @dev Reverts unless the vault can pay all that is owed.
    function onFinal(uint256 period, bytes32 root, uint256 totalPay) external;

    /// @notice Pays an account the part of its entitlement that is not paid yet.
    /// @dev Anyone may send it: the money always goes to the account.
    /// Warning: it reverts for a leaf of an older period that proves less than was paid already.
    function claim(Claim calldata claim_) external;

    /// @notice Pays many claims, at most 64.
    /// @dev A claim whose leaf was paid already is skipped, so that nobody can block the others by
    /// sending one of them first; any other failure reverts all.
    /// @return amounts paid for each claim, zero for those skipped.
    function claimMany(Claim[] calldata claims) external returns (uint256[] memory amounts);

    /// @notice Pays the sender's claim to its stake in the registry.
    function claimAndStake(Claim calldata claim_) external;

    /// @notice Sets whether claims for the sender go to its stake, whoever sends them.
    function setStakeEarnings(bool staked) external;

    /// @notice Whether claims for `account` go to its stake.
    function stakesEarnings(address account) external view returns (bool);

    /// @notice Total paid to `account` so far.
    function claimed(address account) external view returns (uint256);

    /// @notice Total pay of all final settlements.
    function owed() external view returns (uint256);

    /// @notice Total paid so far; never more than `owed`.
    function paidOut() external view returns (uint256);
}
