// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ICommonErrors} from "./ICommonErrors.sol";

/// @title Stake of the validators: earned through demand response, never bought.
/// @notice Stake is only added when the vault pays an incentive here instead of to its payee.
/// Founding validators also have genesis stake, which is votes without money and decays to zero.
/// A period's stake is the stake at the end of the block before its proposal, so nobody can gain
/// votes after seeing the proposal.
interface IValidatorRegistry is ICommonErrors {
    /// @notice `amount` was added to the earned stake of `account`.
    event StakeCredited(address indexed account, uint256 amount);

    /// @notice `account` unbonds `amount` of its stake, to be withdrawn from `releaseAtS` on.
    event UnbondRequested(address indexed account, uint256 amount, uint64 releaseAtS);

    /// @notice `amount` was paid to `account`.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice A period was opened with the stakes at the end of `blockNumber`.
    event PeriodOpened(uint256 indexed period, uint256 blockNumber, uint256 totalStake);

    /// @notice There are no founders, too many, or not as many stakes as founders.
    error InvalidFounders();

    /// @notice Genesis stake must last for at least one period.
    error InvalidGenesisPeriods();

    /// @notice Unbonding must take longer than the challenge window.
    error UnbondingTooShort(uint64 unbondingS, uint64 challengeWindowS);

    /// @notice The tokens for this credit have not arrived: the balance is `held`, not `due`.
    error StakeNotFunded(uint256 held, uint256 due);

    /// @notice An amount of zero does nothing.
    error ZeroAmount();

    /// @notice The period is open already.
    error PeriodAlreadyOpen(uint256 period);

    /// @notice The period was never proposed, so it has no stakes.
    error PeriodNotOpen(uint256 period);

    /// @notice `account` has earned only `earned`.
    error StakeTooSmall(address account, uint256 earned);

    /// @notice Nothing is being unbonded for `account`.
    error NothingToWithdraw(address account);

    /// @notice The amount is locked until `releaseAtS`.
    error StillBonded(uint64 releaseAtS);

    /// @notice The token of the stake.
    function token() external view returns (IERC20);

    /// @notice The contract that credits stake.
    function vault() external view returns (address);

    /// @notice The contract that opens periods.
    function anchor() external view returns (address);

    /// @notice Seconds between a request to unbond and its release.
    function unbondingS() external view returns (uint64);

    /// @notice Number of periods in which genesis stake decays to zero.
    function genesisPeriods() external view returns (uint32);

    /// @notice Number of the newest open period.
    function lastPeriod() external view returns (uint256);

    /// @notice Number of founders.
    function founderCount() external view returns (uint256);

    /// @notice A founder by index, from 0.
    function founders(uint256 index) external view returns (address);

    /// @notice Sets the registry's peers, once. Deployer only.
    function connect(address vault_, address anchor_) external;

    /// @notice Adds an incentive to its payee's stake. Vault only.
    /// @dev The tokens must have arrived before; the registry checks its balance.
    function creditStake(address account, uint256 amount) external;

    /// @notice Takes the snapshot of a period's stakes and returns their total. Anchor only.
    function openPeriod(uint256 period) external returns (uint256 totalStake);

    /// @notice Removes `amount` of the sender's earned stake from all later periods.
    /// @dev Warning: it is added to the amount already unbonding, and the wait starts again for
    /// all of it.
    function requestUnbond(uint256 amount) external;

    /// @notice Pays the sender its unbonded stake once the wait is over.
    function withdraw() external;

    /// @notice Stake of an account in a period, earned and genesis.
    function stakeAt(address account, uint256 period) external view returns (uint256);

    /// @notice Stakes and validator numbers of many accounts in a period; number 0: never had
    /// stake.
    function validatorsAt(address[] calldata accounts, uint256 period)
        external
        view
        returns (uint256[] memory stakes, uint256[] memory numbers);

    /// @notice Stake of all accounts in a period.
    function totalStakeAt(uint256 period) external view returns (uint256);

    /// @notice Earned stake of an account in a period.
    function earnedAt(address account, uint256 period) external view returns (uint256);

    /// @notice Earned stake of all accounts in a period.
    function totalEarnedAt(uint256 period) external view returns (uint256);

    /// @notice Stake of an account now; `genesis` is what it would be in the next period.
    function stakeOf(address account) external view returns (uint256 earned, uint256 genesis);

    /// @notice Earned stake of all accounts now.
    function totalEarned() external view returns (uint256);

    /// @notice Unbonding stake of all accounts.
    function totalUnbonding() external view returns (uint256);

    /// @notice Unbonding stake of an account, and the time of its release.
    function unbondingOf(address account) external view returns (uint256 amount, uint64 releaseAtS);

    /// @notice Number of an account among all that ever had stake, from 1; 0 if it never had.
    function numberOf(address account) external view returns (uint256);
}
