// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ICommonErrors} from "./ICommonErrors.sol";

/// @title Stake of the validators: earned through demand response, never bought.
/// @notice Stake comes in one way: the vault pays an incentive here instead of to its payee.
/// Founding validators also hold genesis stake, which is no money, votes only, and decays to zero.
/// A period's stake is the stake at the end of the block before its proposal, so nobody can gain
/// weight after seeing what is proposed.
interface IValidatorRegistry is ICommonErrors {
    /// @notice `amount` was added to the earned stake of `account`.
    event StakeCredited(address indexed account, uint256 amount);

    /// @notice `account` takes `amount` out of its stake; it can be withdrawn from `releaseAtS`.
    event UnbondRequested(address indexed account, uint256 amount, uint64 releaseAtS);

    /// @notice `amount` was paid to `account`.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice A period's stakes are fixed: those at the end of `blockNumber`.
    event PeriodOpened(uint256 indexed period, uint256 blockNumber, uint256 totalStake);

    /// @notice There are no founders, too many, or not as many stakes as founders.
    error InvalidFounders();

    /// @notice Genesis stake must last for at least one period.
    error InvalidGenesisPeriods();

    /// @notice Stake must stay bound for longer than a settlement can be challenged.
    error UnbondingTooShort(uint64 unbondingS, uint64 challengeWindowS);

    /// @notice The tokens for this credit have not arrived: `held` are here, `due` are owed.
    error StakeNotFunded(uint256 held, uint256 due);

    /// @notice An amount of zero does nothing.
    error ZeroAmount();

    /// @notice The period's stakes are fixed already.
    error PeriodAlreadyOpen(uint256 period);

    /// @notice The period was never proposed, so it has no stakes.
    error PeriodNotOpen(uint256 period);

    /// @notice `account` has earned only `earned`.
    error StakeTooSmall(address account, uint256 earned);

    /// @notice Nothing is being unbonded for `account`.
    error NothingToWithdraw(address account);

    /// @notice The amount is bound until `releaseAtS`.
    error StillBonded(uint64 releaseAtS);

    /// @notice The token that stake is held in.
    function token() external view returns (IERC20);

    /// @notice Where stake comes from.
    function vault() external view returns (address);

    /// @notice Who opens periods.
    function anchor() external view returns (address);

    /// @notice Seconds between a request to unbond and its release.
    function unbondingS() external view returns (uint64);

    /// @notice Over how many periods genesis stake decays to zero.
    function genesisPeriods() external view returns (uint32);

    /// @notice Number of the newest open period.
    function lastPeriod() external view returns (uint256);

    /// @notice How many founders there are.
    function founderCount() external view returns (uint256);

    /// @notice A founder, from 0.
    function founders(uint256 index) external view returns (address);

    /// @notice Tells the registry its peers, once. Deployer only.
    function connect(address vault_, address anchor_) external;

    /// @notice Adds an incentive to the stake of who earned it. Vault only.
    /// @dev The tokens must have arrived just before; the registry looks at its balance.
    function creditStake(address account, uint256 amount) external;

    /// @notice Fixes the stakes of a period and returns their total. Anchor only.
    function openPeriod(uint256 period) external returns (uint256 totalStake);

    /// @notice Takes `amount` of the sender's earned stake out of all later periods.
    /// @dev Warning: it joins what is being unbonded already and the wait starts anew for all of
    /// it.
    function requestUnbond(uint256 amount) external;

    /// @notice Pays the sender what it has unbonded, once the wait is over.
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

    /// @notice What is being unbonded by all accounts.
    function totalUnbonding() external view returns (uint256);

    /// @notice What an account is unbonding, and when it is released.
    function unbondingOf(address account) external view returns (uint256 amount, uint64 releaseAtS);

    /// @notice Number of an account among all that ever had stake, from 1; 0 if it never had.
    function numberOf(address account) external view returns (uint256);
}
