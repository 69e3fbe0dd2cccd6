// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {ISettlementAnchor} from "./interfaces/ISettlementAnchor.sol";
import {IValidatorRegistry} from "./interfaces/IValidatorRegistry.sol";

/// @title Earned stake as checkpoints by block, genesis stake decaying linearly over periods.
contract ValidatorRegistry is IValidatorRegistry {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev One slot, so that looking up a validator whose stake has not just changed is one read.
    struct Validator {
        uint32 number;
        uint88 genesis;
        uint88 earned;
        uint48 changedAtBlock;
    }

    struct Unbonding {
        uint192 amount;
        uint64 releaseAtS;
    }

    struct Snapshot {
        uint48 blockNumber;
        uint208 genesisTotal;
    }

    /// @notice Most founders, because opening a period adds up their genesis stakes.
    uint256 public constant FOUNDERS_MAX = 64;

    /// @inheritdoc IValidatorRegistry
    IERC20 public immutable token;

    /// @inheritdoc IValidatorRegistry
    uint64 public immutable unbondingS;

    /// @inheritdoc IValidatorRegistry
    uint32 public immutable genesisPeriods;

    address private immutable _deployer;

    /// @inheritdoc IValidatorRegistry
    address public vault;

    /// @inheritdoc IValidatorRegistry
    address public anchor;

    /// @inheritdoc IValidatorRegistry
    address[] public founders;

    /// @inheritdoc IValidatorRegistry
    uint256 public totalUnbonding;

    /// @inheritdoc IValidatorRegistry
    uint256 public lastPeriod;

    uint32 private _validatorCount;
    mapping(address account => Validator) private _validators;
    mapping(address account => Unbonding) private _unbonding;
    mapping(address account => Checkpoints.Trace208) private _earned;
    Checkpoints.Trace208 private _earnedTotal;
    mapping(uint256 period => Snapshot) private _snapshots;

    constructor(
        IERC20 token_,
        address[] memory founders_,
        uint256[] memory genesisStake,
        uint32 genesisPeriods_,
        uint64 unbondingS_,
        address deployer
    ) {
        require(address(token_) != address(0) && deployer != address(0), ZeroAddress());
        require(genesisPeriods_ != 0, InvalidGenesisPeriods());
        uint256 count = founders_.length;
        require(
            count != 0 && count <= FOUNDERS_MAX && count == genesisStake.length, InvalidFounders()
        );

        token = token_;
        genesisPeriods = genesisPeriods_;
        unbondingS = unbondingS_;
        _deployer = deployer;
        for (uint256 i; i < count; ++i) {
            _addFounder(founders_[i], genesisStake[i]);
        }
    }

    /// @inheritdoc IValidatorRegistry
    function connect(address vault_, address anchor_) external {
        require(msg.sender == _deployer, NotAuthorised(msg.sender));
        require(anchor == address(0), AlreadyConnected());
        require(vault_ != address(0) && anchor_ != address(0), ZeroAddress());
        uint64 windowS = ISettlementAnchor(anchor_).challengeWindowS();
        require(unbondingS > windowS, UnbondingTooShort(unbondingS, windowS));

        vault = vault_;
        anchor = anchor_;
    }

    /// @inheritdoc IValidatorRegistry
    function creditStake(address account, uint256 amount) external {
        require(msg.sender == vault, NotAuthorised(msg.sender));
        require(amount != 0, ZeroAmount());
        uint256 total = totalEarned() + amount;
        uint256 held = token.balanceOf(address(this));
        require(held >= total + totalUnbonding, StakeNotFunded(held, total + totalUnbonding));

        _setEarned(account, _validators[account].earned + amount, total);
        emit StakeCredited(account, amount);
    }

    /// @inheritdoc IValidatorRegistry
    function openPeriod(uint256 period) external returns (uint256 totalStake) {
        require(msg.sender == anchor, NotAuthorised(msg.sender));
        require(_snapshots[period].blockNumber == 0, PeriodAlreadyOpen(period));
        uint48 blockNumber = uint48(block.number - 1);
        uint256 genesisTotal = _genesisTotal(period);
        totalStake = genesisTotal + _earnedTotal.upperLookupRecent(blockNumber);

        _snapshots[period] = Snapshot(blockNumber, genesisTotal.toUint208());
        lastPeriod = period;
        emit PeriodOpened(period, blockNumber, totalStake);
    }

    /// @inheritdoc IValidatorRegistry
    function requestUnbond(uint256 amount) external {
        uint256 earned = _validators[msg.sender].earned;
        require(amount != 0, ZeroAmount());
        require(amount <= earned, StakeTooSmall(msg.sender, earned));
        uint64 releaseAtS = uint64(block.timestamp) + unbondingS;

        _setEarned(msg.sender, earned - amount, totalEarned() - amount);
        totalUnbonding += amount;
        uint256 unbonding = _unbonding[msg.sender].amount + amount;
        _unbonding[msg.sender] = Unbonding(unbonding.toUint192(), releaseAtS);
        emit UnbondRequested(msg.sender, amount, releaseAtS);
    }

    /// @inheritdoc IValidatorRegistry
    function withdraw() external {
        Unbonding memory unbonding = _unbonding[msg.sender];
        require(unbonding.amount != 0, NothingToWithdraw(msg.sender));
        require(block.timestamp >= unbonding.releaseAtS, StillBonded(unbonding.releaseAtS));

        delete _unbonding[msg.sender];
        totalUnbonding -= unbonding.amount;
        emit Withdrawn(msg.sender, unbonding.amount);
        token.safeTransfer(msg.sender, unbonding.amount);
    }

    /// @inheritdoc IValidatorRegistry
    function validatorsAt(address[] calldata accounts, uint256 period)
        external
        view
        returns (uint256[] memory stakes, uint256[] memory numbers)
    {
        uint48 blockNumber = _blockOf(period);
        uint256 parts = _partsLeft(period);
        stakes = new uint256[](accounts.length);
        numbers = new uint256[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            address account = accounts[i];
            Validator memory validator = _validators[account];
            numbers[i] = validator.number;
            bool isNewer = validator.changedAtBlock > blockNumber;
            uint256 earned =
                isNewer ? _earned[account].upperLookupRecent(blockNumber) : validator.earned;
            // Neither 88 bits times 32 nor their sum with 208 bits overflows.
            unchecked {
                stakes[i] = earned + validator.genesis * parts / genesisPeriods;
            }
        }
    }

    /// @inheritdoc IValidatorRegistry
    function stakeAt(address account, uint256 period) external view returns (uint256) {
        return earnedAt(account, period) + _decayed(_validators[account].genesis, period);
    }

    /// @inheritdoc IValidatorRegistry
    function totalStakeAt(uint256 period) external view returns (uint256) {
        return totalEarnedAt(period) + _snapshots[period].genesisTotal;
    }

    /// @inheritdoc IValidatorRegistry
    function stakeOf(address account) external view returns (uint256 earned, uint256 genesis) {
        Validator memory validator = _validators[account];
        return (validator.earned, _decayed(validator.genesis, lastPeriod + 1));
    }

    /// @inheritdoc IValidatorRegistry
    function unbondingOf(address account)
        external
        view
        returns (uint256 amount, uint64 releaseAtS)
    {
        return (_unbonding[account].amount, _unbonding[account].releaseAtS);
    }

    /// @inheritdoc IValidatorRegistry
    function founderCount() external view returns (uint256) {
        return founders.length;
    }

    /// @inheritdoc IValidatorRegistry
    function numberOf(address account) external view returns (uint256) {
        return _validators[account].number;
    }

    /// @inheritdoc IValidatorRegistry
    function earnedAt(address account, uint256 period) public view returns (uint256) {
        uint48 blockNumber = _blockOf(period);
        Validator storage validator = _validators[account];
        if (validator.changedAtBlock <= blockNumber) return validator.earned;
        return _earned[account].upperLookupRecent(blockNumber);
    }

    /// @inheritdoc IValidatorRegistry
    function totalEarnedAt(uint256 period) public view returns (uint256) {
        return _earnedTotal.upperLookupRecent(_blockOf(period));
    }

    /// @inheritdoc IValidatorRegistry
    function totalEarned() public view returns (uint256) {
        return _earnedTotal.latest();
    }

    function _addFounder(address founder, uint256 stake) private {
        Validator storage validator = _validators[founder];
        require(founder != address(0) && stake != 0 && validator.number == 0, InvalidFounders());

        validator.number = ++_validatorCount;
        validator.genesis = stake.toUint88();
        founders.push(founder);
    }

    function _setEarned(address account, uint256 earned, uint256 total) private {
        Validator memory validator = _validators[account];
        if (validator.number == 0) validator.number = ++_validatorCount;
        validator.earned = earned.toUint88();
        validator.changedAtBlock = uint48(block.number);

        _validators[account] = validator;
        _earned[account].push(uint48(block.number), earned.toUint208());
        _earnedTotal.push(uint48(block.number), total.toUint208());
    }

    function _blockOf(uint256 period) private view returns (uint48 blockNumber) {
        blockNumber = _snapshots[period].blockNumber;
        require(blockNumber != 0, PeriodNotOpen(period));
    }

    /// @dev Rounded down for each founder, so that the total is exactly the sum of the parts.
    function _genesisTotal(uint256 period) private view returns (uint256 total) {
        if (period > genesisPeriods) return 0;
        uint256 count = founders.length;
        for (uint256 i; i < count; ++i) {
            total += _decayed(_validators[founders[i]].genesis, period);
        }
    }

    function _decayed(uint256 genesis, uint256 period) private view returns (uint256) {
        return genesis * _partsLeft(period) / genesisPeriods;
    }

    /// @dev `genesisPeriods` in period 1, one less in each later period.
    function _partsLeft(uint256 period) private view returns (uint256) {
        return period > genesisPeriods ? 0 : genesisPeriods - (period - 1);
    }
}
