// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ICommonErrors} from "./ICommonErrors.sol";

/// @title Pays what final settlements say, once.
/// @notice A leaf carries everything its payee was ever entitled to. A claim pays that less what
/// was claimed before, so one claim covers any number of periods and no bitmap is kept.
/// To fund the vault, transfer tokens to it.
interface IIncentiveVault is ICommonErrors {
    /// @notice One leaf and its way to the root of a final period.
    /// @param period whose root the proof leads to.
    /// @param index of the leaf in its settlement.
    /// @param account who is paid.
    /// @param entitled all that `account` ever earned, this settlement included, in token units.
    /// @param detail hash of everything the line was computed from.
    /// @param proof siblings from the leaf to the root, lowest first.
    struct Claim {
        uint256 period;
        uint256 index;
        address account;
        uint256 entitled;
        bytes32 detail;
        bytes32[] proof;
    }

    /// @notice `account` was paid `amount`, to its stake if `staked`; `entitled` in all so far.
    event Claimed(
        address indexed account,
        uint256 indexed period,
        uint256 amount,
        uint256 entitled,
        bool staked
    );

    /// @notice From now on claims for `account` go to its stake, or no longer do.
    event EarningsStaked(address indexed account, bool staked);

    /// @notice A period became final: `amount` more is owed.
    event Owed(uint256 indexed period, uint256 amount, uint256 owed);

    /// @notice The vault has `balance`, and `due` is owed and not paid out.
    error Underfunded(uint256 balance, uint256 due);

    /// @notice The proof does not lead to the root of a final period (zero: not final).
    error LeafNotUnderRoot(bytes32 leaf, bytes32 root);

    /// @notice Everything this leaf entitles to was paid already.
    error NothingToClaim(address account, uint256 claimed);

    /// @notice The leaves of a settlement say more than its header.
    error MoreThanOwed(uint256 amount, uint256 left);

    /// @notice A call takes between one and `max` claims.
    error WrongClaimCount(uint256 count, uint256 max);

    function token() external view returns (IERC20);

    /// @notice Where final roots stand.
    function anchor() external view returns (address);

    /// @notice Where staked earnings go.
    function registry() external view returns (address);

    /// @notice Tells the vault its peers, once. Deployer only.
    function connect(address anchor_, address registry_) external;

    /// @notice Takes a final settlement's root, and adds its total to what is owed. Anchor only.
    /// @dev Reverts unless the vault can pay all that is owed.
    function onFinal(uint256 period, bytes32 root, uint256 totalPay) external;

    /// @notice Pays an account what it is entitled to and has not had.
    /// @dev Anyone may send it: the money goes to the account whoever pays the gas.
    /// Warning: a leaf of an older period proves less than was paid already; it reverts, it never
    /// takes back.
    function claim(Claim calldata claim_) external;

    /// @notice Pays many claims, at most 64.
    /// @dev A claim whose leaf was paid already is passed over, so that nobody can spoil the rest
    /// by sending one of them first; any other that fails reverts all.
    /// @return amounts what each was paid, zero for those passed over.
    function claimMany(Claim[] calldata claims) external returns (uint256[] memory amounts);

    /// @notice Pays the sender's claim to its stake in the registry.
    function claimAndStake(Claim calldata claim_) external;

    /// @notice Whether claims for the sender go to its stake from now on, whoever sends them.
    function setStakeEarnings(bool staked) external;

    /// @notice Whether claims for `account` go to its stake.
    function stakesEarnings(address account) external view returns (bool);

    /// @notice What `account` was paid so far.
    function claimed(address account) external view returns (uint256);

    /// @notice Total pay of all final settlements.
    function owed() external view returns (uint256);

    /// @notice What was paid so far; never more than is owed.
    function paidOut() external view returns (uint256);
}
