// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IIncentiveVault} from "./interfaces/IIncentiveVault.sol";
import {IValidatorRegistry} from "./interfaces/IValidatorRegistry.sol";

/// @title The vault, with an ERC-20 token, roots from the anchor and stakes in the registry.
contract IncentiveVault is IIncentiveVault {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev One slot per account, one for all sums: a claim writes two slots besides the token's.
    struct Account {
        uint128 claimed;
        bool stakesEarnings;
    }

    struct Totals {
        uint128 owed;
        uint128 paidOut;
    }

    /// @notice Most claims in one call: 64 of depth 32, each to a new stake, take half of
    /// 16,777,216 gas.
    uint256 public constant CLAIMS_MAX = 64;

    /// @inheritdoc IIncentiveVault
    IERC20 public immutable token;

    address private immutable _deployer;

    /// @inheritdoc IIncentiveVault
    address public anchor;

    /// @inheritdoc IIncentiveVault
    address public registry;

    Totals private _totals;

    /// @dev Written by the anchor when final, so that a claim need not call it.
    mapping(uint256 period => bytes32) private _roots;
    mapping(address account => Account) private _accounts;

    constructor(IERC20 token_, address deployer) {
        require(address(token_) != address(0) && deployer != address(0), ZeroAddress());
        token = token_;
        _deployer = deployer;
    }

    /// @inheritdoc IIncentiveVault
    function connect(address anchor_, address registry_) external {
        require(msg.sender == _deployer, NotAuthorised(msg.sender));
        require(anchor == address(0), AlreadyConnected());
        require(anchor_ != address(0) && registry_ != address(0), ZeroAddress());

        anchor = anchor_;
        registry = registry_;
    }

    /// @inheritdoc IIncentiveVault
    function onFinal(uint256 period, bytes32 root, uint256 totalPay) external {
        require(msg.sender == anchor, NotAuthorised(msg.sender));
        uint256 owedAfter = _totals.owed + totalPay;
        uint256 due = owedAfter - _totals.paidOut;
        uint256 balance = token.balanceOf(address(this));
        require(balance >= due, Underfunded(balance, due));

        _totals.owed = owedAfter.toUint128();
        _roots[period] = root;
        emit Owed(period, totalPay, owedAfter);
    }

    /// @inheritdoc IIncentiveVault
    function claim(Claim calldata claim_) external {
        _claim(claim_, stakesEarnings(claim_.account));
    }

    /// @inheritdoc IIncentiveVault
    function claimMany(Claim[] calldata claims) external returns (uint256[] memory amounts) {
        uint256 count = claims.length;
        require(count != 0 && count <= CLAIMS_MAX, WrongClaimCount(count, CLAIMS_MAX));

        amounts = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            amounts[i] = _claimWhatIsLeft(claims[i], stakesEarnings(claims[i].account));
        }
    }

    /// @inheritdoc IIncentiveVault
    function claimAndStake(Claim calldata claim_) external {
        require(msg.sender == claim_.account, NotAuthorised(msg.sender));

        _claim(claim_, true);
    }

    /// @inheritdoc IIncentiveVault
    function setStakeEarnings(bool staked) external {
        _accounts[msg.sender].stakesEarnings = staked;
        emit EarningsStaked(msg.sender, staked);
    }

    /// @inheritdoc IIncentiveVault
    function claimed(address account) external view returns (uint256) {
        return _accounts[account].claimed;
    }

    /// @inheritdoc IIncentiveVault
    function owed() external view returns (uint256) {
        return _totals.owed;
    }

    /// @inheritdoc IIncentiveVault
    function paidOut() external view returns (uint256) {
        return _totals.paidOut;
    }

    /// @inheritdoc IIncentiveVault
    function stakesEarnings(address account) public view returns (bool) {
        return _accounts[account].stakesEarnings;
    }

    function _claim(Claim calldata claim_, bool staked) private {
        uint256 amount = _claimWhatIsLeft(claim_, staked);
        address account = claim_.account;
        if (amount == 0) revert NothingToClaim(account, _accounts[account].claimed);
    }

    /// @dev Returns zero and changes nothing if everything was paid already.
    function _claimWhatIsLeft(Claim calldata claim_, bool staked)
        private
        returns (uint256 amount)
    {
        _requireProven(claim_);
        address account = claim_.account;
        uint256 before = _accounts[account].claimed;
        if (claim_.entitled <= before) return 0;
        amount = claim_.entitled - before;
        Totals memory totals = _totals;
        uint256 left = totals.owed - totals.paidOut;
        require(amount <= left, MoreThanOwed(amount, left));

        _accounts[account].claimed = claim_.entitled.toUint128();
        _totals.paidOut = (totals.paidOut + amount).toUint128();
        emit Claimed(account, claim_.period, amount, claim_.entitled, staked);
        _pay(account, amount, staked);
    }

    /// @dev The leaf in OpenZeppelin's standard-v1 form, hashed twice so that no inner node can
    /// pass for a leaf.
    function _requireProven(Claim calldata claim_) private view {
        bytes32 root = _roots[claim_.period];
        bytes32 words =
            keccak256(abi.encode(claim_.index, claim_.account, claim_.entitled, claim_.detail));
        bytes32 leaf = keccak256(bytes.concat(words));
        bool isProven = root != 0 && MerkleProof.verifyCalldata(claim_.proof, root, leaf);
        require(isProven, LeafNotUnderRoot(leaf, root));
    }

    function _pay(address account, uint256 amount, bool staked) private {
        token.safeTransfer(staked ? registry : account, amount);
        if (staked) IValidatorRegistry(registry).creditStake(account, amount);
    }
}
