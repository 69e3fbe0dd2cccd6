// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SettlementHash} from "./SettlementHash.sol";
import {IBaselineCommitment} from "./interfaces/IBaselineCommitment.sol";
import {IIncentiveVault} from "./interfaces/IIncentiveVault.sol";
import {ISettlementAnchor} from "./interfaces/ISettlementAnchor.sol";
import {ISettlementNotifier} from "./interfaces/ISettlementNotifier.sol";
import {IValidatorRegistry} from "./interfaces/IValidatorRegistry.sol";

/// @title Proposals, attestations by stake, a challenge window, finality.
contract SettlementAnchor is ISettlementAnchor {
    using SafeCast for uint256;

    /// @dev A header and its state, packed.
    struct Period {
        bytes32 eventHash;
        bytes32 root;
        bytes32 inputsRoot;
        bytes32 baselinesRoot;
        bytes32 speedRoot;
        bytes32 termsHash;
        uint128 totalPay;
        uint128 totalFee;
        uint32 revision;
        uint32 leafCount;
        State state;
        uint48 proposedAtS;
        uint48 attestedAtS;
        uint48 challengeEndsS;
        uint128 stakeFor;
        uint128 stakeAgainst;
    }

    /// @notice Most signatures in one call; 256 take 3.3 million gas.
    uint256 public constant SIGNATURES_MAX = 256;

    /// @inheritdoc ISettlementAnchor
    address public immutable operator;

    /// @inheritdoc ISettlementAnchor
    address public immutable guardian;

    /// @inheritdoc ISettlementAnchor
    IValidatorRegistry public immutable registry;

    /// @inheritdoc ISettlementAnchor
    IIncentiveVault public immutable vault;

    /// @inheritdoc ISettlementAnchor
    IBaselineCommitment public immutable baselines;

    /// @inheritdoc ISettlementAnchor
    ISettlementNotifier public immutable notifier;

    /// @inheritdoc ISettlementAnchor
    uint64 public immutable challengeWindowS;

    /// @inheritdoc ISettlementAnchor
    bool public paused;

    /// @inheritdoc ISettlementAnchor
    uint256 public periodCount;

    /// @inheritdoc ISettlementAnchor
    mapping(bytes32 eventHash => mapping(uint32 revision => uint256)) public periodOf;

    mapping(uint256 period => Period) private _periods;

    /// @dev One bit per validator number, 256 in a slot.
    mapping(uint256 period => mapping(uint256 word => uint256)) private _attested;
    mapping(uint256 period => mapping(uint256 word => uint256)) private _objected;

    constructor(
        address operator_,
        address guardian_,
        IValidatorRegistry registry_,
        IIncentiveVault vault_,
        IBaselineCommitment baselines_,
        ISettlementNotifier notifier_,
        uint64 challengeWindowS_
    ) {
        require(operator_ != address(0) && guardian_ != address(0), ZeroAddress());
        require(address(registry_) != address(0) && address(vault_) != address(0), ZeroAddress());
        require(
            address(baselines_) != address(0) && address(notifier_) != address(0), ZeroAddress()
        );
        require(challengeWindowS_ <= 365 days, WindowTooLong(challengeWindowS_));

        operator = operator_;
        guardian = guardian_;
        registry = registry_;
        vault = vault_;
        baselines = baselines_;
        notifier = notifier_;
        challengeWindowS = challengeWindowS_;
    }

    /// @inheritdoc ISettlementAnchor
    function propose(Header calldata header) external returns (uint256 period) {
        require(msg.sender == operator, NotAuthorised(msg.sender));
        require(!paused, ProposalsPaused());
        require(header.root != 0 && header.leafCount != 0, EmptySettlement());
        _requireNextRevision(header.eventHash, header.revision);
        _requireCommitted(header.eventHash, header.baselinesRoot);
        period = periodCount + 1;

        periodCount = period;
        periodOf[header.eventHash][header.revision] = period;
        _store(_periods[period], header);
        emit Proposed(period, header.eventHash, header.revision, header.root);
        require(registry.openPeriod(period) != 0, NoStakeAtAll());
    }

    /// @inheritdoc ISettlementAnchor
    function attest(uint256 period, bytes[] calldata signatures) external {
        _requireOpen(period);
        uint256 count = signatures.length;
        require(count != 0 && count <= SIGNATURES_MAX, WrongSignatureCount(count, SIGNATURES_MAX));
        address[] memory signers = _recover(digestOf(period), signatures);
        _addStakeFor(period, _count(period, signers));
    }

    /// @inheritdoc ISettlementAnchor
    function object(uint256 period, bytes32 reasonHash) external {
        _requireOpen(period);
        uint256 stake = registry.stakeAt(msg.sender, period);
        require(stake != 0, NoStake(msg.sender, period));
        bool isNew = _setBit(_objected[period], registry.numberOf(msg.sender));
        require(isNew, AlreadyObjected(msg.sender, period));
        Period storage settlement = _periods[period];
        uint256 stakeAgainst = settlement.stakeAgainst + stake;

        settlement.stakeAgainst = stakeAgainst.toUint128();
        emit Objected(period, msg.sender, stake, reasonHash);
        if (3 * stakeAgainst <= registry.totalStakeAt(period)) return;
        settlement.state = State.Rejected;
        emit Rejected(period);
    }

    /// @inheritdoc ISettlementAnchor
    function finalize(uint256 period) external {
        Period storage settlement = _periods[period];
        State state = settlement.state;
        require(state == State.Attested, WrongState(period, state));
        uint64 endsS = settlement.challengeEndsS;
        require(block.timestamp >= endsS, ChallengeOpen(endsS));
        bytes32 root = settlement.root;
        uint256 totalPay = settlement.totalPay;

        settlement.state = State.Final;
        emit Finalized(period, root, totalPay);
        vault.onFinal(period, root, totalPay);
        notifier.notify(period, settlement.eventHash, root, totalPay);
    }

    /// @inheritdoc ISettlementAnchor
    function pause() external {
        _setPaused(true);
        emit Paused(msg.sender);
    }

    /// @inheritdoc ISettlementAnchor
    function unpause() external {
        _setPaused(false);
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc ISettlementAnchor
    function infoOf(uint256 period)
        external
        view
        returns (
            State state,
            uint256 stakeFor,
            uint256 stakeAgainst,
            uint256 stakeTotal,
            uint64 proposedAtS,
            uint64 attestedAtS,
            uint64 challengeEndsS
        )
    {
        Period storage settlement = _periods[period];
        state = settlement.state;
        stakeFor = settlement.stakeFor;
        stakeAgainst = settlement.stakeAgainst;
        stakeTotal = state == State.None ? 0 : registry.totalStakeAt(period);
        proposedAtS = settlement.proposedAtS;
        attestedAtS = settlement.attestedAtS;
        challengeEndsS = settlement.challengeEndsS;
    }

    /// @inheritdoc ISettlementAnchor
    function finalRoot(uint256 period) external view returns (bytes32) {
        Period storage settlement = _periods[period];
        return settlement.state == State.Final ? settlement.root : bytes32(0);
    }

    /// @inheritdoc ISettlementAnchor
    function hasAttested(uint256 period, address account) external view returns (bool) {
        return _hasBit(_attested[period], registry.numberOf(account));
    }

    /// @inheritdoc ISettlementAnchor
    function hasObjected(uint256 period, address account) external view returns (bool) {
        return _hasBit(_objected[period], registry.numberOf(account));
    }

    /// @inheritdoc ISettlementAnchor
    function headerOf(uint256 period) public view returns (Header memory) {
        Period storage settlement = _periods[period];
        return Header({
            eventHash: settlement.eventHash,
            revision: settlement.revision,
            root: settlement.root,
            inputsRoot: settlement.inputsRoot,
            baselinesRoot: settlement.baselinesRoot,
            speedRoot: settlement.speedRoot,
            leafCount: settlement.leafCount,
            totalPay: settlement.totalPay,
            totalFee: settlement.totalFee,
            termsHash: settlement.termsHash
        });
    }

    /// @inheritdoc ISettlementAnchor
    function digestOf(uint256 period) public view returns (bytes32) {
        // Computed each time: after a fork of the chain, a signature must be valid on one side
        // only.
        bytes32 domain = SettlementHash.domainSeparator(block.chainid, address(this));
        return SettlementHash.digest(domain, period, headerOf(period));
    }

    function _setPaused(bool paused_) private {
        require(msg.sender == guardian, NotAuthorised(msg.sender));
        paused = paused_;
    }

    function _requireNextRevision(bytes32 eventHash, uint32 revision) private view {
        uint256 before = revision == 0 ? 0 : periodOf[eventHash][revision - 1];
        State state = _periods[before].state;
        bool isNext = revision == 1 || before != 0;
        require(isNext && periodOf[eventHash][revision] == 0, WrongRevision(eventHash, revision));
        bool isOver = before == 0 || state == State.Final || state == State.Rejected;
        require(isOver, RevisionPending(before));
    }

    function _requireCommitted(bytes32 eventHash, bytes32 baselinesRoot) private view {
        (bytes32 committed,,) = baselines.commitmentOf(eventHash);
        bool isCommitted = committed != 0 && committed == baselinesRoot;
        require(isCommitted, BaselinesNotCommitted(baselinesRoot, committed));
    }

    function _requireOpen(uint256 period) private view {
        Period storage settlement = _periods[period];
        State state = settlement.state;
        require(state == State.Proposed || state == State.Attested, WrongState(period, state));
        uint64 endsS = settlement.challengeEndsS;
        require(state == State.Proposed || block.timestamp < endsS, ChallengeOver(endsS));
    }

    function _store(Period storage settlement, Header calldata header) private {
        settlement.eventHash = header.eventHash;
        settlement.root = header.root;
        settlement.inputsRoot = header.inputsRoot;
        settlement.baselinesRoot = header.baselinesRoot;
        settlement.speedRoot = header.speedRoot;
        settlement.termsHash = header.termsHash;
        settlement.totalPay = header.totalPay.toUint128();
        settlement.totalFee = header.totalFee.toUint128();
        settlement.revision = header.revision;
        settlement.leafCount = header.leafCount;
        settlement.state = State.Proposed;
        settlement.proposedAtS = uint48(block.timestamp);
    }

    function _recover(bytes32 digest, bytes[] calldata signatures)
        private
        pure
        returns (address[] memory signers)
    {
        signers = new address[](signatures.length);
        address before;
        for (uint256 i; i < signatures.length; ++i) {
            address signer = ECDSA.recoverCalldata(digest, signatures[i]);
            require(signer > before, SignersNotAscending(before, signer));
            signers[i] = signer;
            before = signer;
        }
    }

    /// @dev Marks signers that were not counted before. The current word of marks stays in memory
    /// until another one is needed, as most validators share one.
    function _count(uint256 period, address[] memory signers) private returns (uint256 added) {
        (uint256[] memory stakes, uint256[] memory numbers) =
            registry.validatorsAt(signers, period);
        mapping(uint256 word => uint256) storage marks = _attested[period];
        uint256 place = numbers[0] >> 8;
        uint256 word = marks[place];

        for (uint256 i; i < signers.length; ++i) {
            (uint256 stake, uint256 number) = (stakes[i], numbers[i]);
            if (stake == 0) revert NoStake(signers[i], period);
            if (number >> 8 != place) {
                marks[place] = word;
                place = number >> 8;
                word = marks[place];
            }
            uint256 bit = 1 << (number & 255);
            if (word & bit != 0) continue;
            word |= bit;
            added += stake;
            emit Attested(period, signers[i], stake);
        }
        marks[place] = word;
    }

    /// @dev Returns whether the bit was clear.
    function _setBit(mapping(uint256 word => uint256) storage bits, uint256 number)
        private
        returns (bool isNew)
    {
        uint256 word = bits[number >> 8];
        uint256 bit = 1 << (number & 255);
        isNew = word & bit == 0;
        if (isNew) bits[number >> 8] = word | bit;
    }

    function _hasBit(mapping(uint256 word => uint256) storage bits, uint256 number)
        private
        view
        returns (bool)
    {
        return bits[number >> 8] & (1 << (number & 255)) != 0;
    }

    function _addStakeFor(uint256 period, uint256 added) private {
        Period storage settlement = _periods[period];
        uint256 stakeFor = settlement.stakeFor + added;
        settlement.stakeFor = stakeFor.toUint128();
        uint256 stakeTotal = registry.totalStakeAt(period);
        if (settlement.state != State.Proposed || 3 * stakeFor < 2 * stakeTotal) return;

        uint64 endsS = uint64(block.timestamp) + challengeWindowS;
        settlement.state = State.Attested;
        settlement.attestedAtS = uint48(block.timestamp);
        settlement.challengeEndsS = uint256(endsS).toUint48();
        emit QuorumReached(period, stakeFor, stakeTotal, endsS);
    }
}
