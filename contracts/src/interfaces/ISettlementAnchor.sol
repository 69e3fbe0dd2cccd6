// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {IBaselineCommitment} from "./IBaselineCommitment.sol";
import {ICommonErrors} from "./ICommonErrors.sol";
import {IIncentiveVault} from "./IIncentiveVault.sol";
import {ISettlementNotifier} from "./ISettlementNotifier.sol";
import {IValidatorRegistry} from "./IValidatorRegistry.sol";

/// @title Makes settlements final.
/// @notice The operator proposes the header of a settlement. Validators that have recomputed it
/// sign it; once signers have two thirds of the stake, a challenge window opens in which validators
/// with more than a third can still reject it. Then anyone can make it final, for good.
/// Periods are numbered from 1, one per proposal; an event may have several (revisions).
interface ISettlementAnchor is ICommonErrors {
    enum State {
        None,
        Proposed,
        Attested,
        Final,
        Rejected
    }

    /// @notice Signed by validators together with the period's number. Money is in token units.
    struct Header {
        bytes32 eventHash;
        uint32 revision;
        bytes32 root;
        bytes32 inputsRoot;
        bytes32 baselinesRoot;
        bytes32 speedRoot;
        uint32 leafCount;
        uint256 totalPay;
        uint256 totalFee;
        bytes32 termsHash;
    }

    /// @notice A settlement was proposed.
    event Proposed(
        uint256 indexed period, bytes32 indexed eventHash, uint32 revision, bytes32 root
    );

    /// @notice `validator` recomputed the settlement and attests it with `stake`.
    event Attested(uint256 indexed period, address indexed validator, uint256 stake);

    /// @notice Two thirds of the stake attest the settlement; objections count until
    /// `challengeEndsS`.
    event QuorumReached(
        uint256 indexed period, uint256 stakeFor, uint256 stakeTotal, uint64 challengeEndsS
    );

    /// @notice `validator` computed another result; `reasonHash` is of the reason it published.
    event Objected(
        uint256 indexed period, address indexed validator, uint256 stake, bytes32 reasonHash
    );

    /// @notice More than one third of the stake objected.
    event Rejected(uint256 indexed period);

    /// @notice The settlement is final.
    event Finalized(uint256 indexed period, bytes32 root, uint256 totalPay);

    /// @notice No new proposals until `Unpaused`. Existing ones continue.
    event Paused(address guardian);

    /// @notice New proposals are accepted again.
    event Unpaused(address guardian);

    /// @notice The guardian has paused proposals.
    error ProposalsPaused();

    /// @notice Revisions of an event are numbered from 1 without gaps, each proposed once.
    error WrongRevision(bytes32 eventHash, uint32 revision);

    /// @notice The revision before this one is neither final nor rejected.
    error RevisionPending(uint256 period);

    /// @notice The baselines are not those committed before the event.
    error BaselinesNotCommitted(bytes32 baselinesRoot, bytes32 committedRoot);

    /// @notice A settlement without leaves or root.
    error EmptySettlement();

    /// @notice No account has stake, so nobody could attest.
    error NoStakeAtAll();

    /// @notice The period is not in the state that this call requires.
    error WrongState(uint256 period, State state);

    /// @notice A call accepts between one and `max` signatures.
    error WrongSignatureCount(uint256 count, uint256 max);

    /// @notice Signatures must be sorted by signer, without duplicates.
    error SignersNotAscending(address before, address signer);

    /// @notice `account` has no stake in this period.
    error NoStake(address account, uint256 period);

    /// @notice `account` has objected to this period already.
    error AlreadyObjected(address account, uint256 period);

    /// @notice The window has ended at `challengeEndsS`.
    error ChallengeOver(uint64 challengeEndsS);

    /// @notice The window is open until `challengeEndsS`.
    error ChallengeOpen(uint64 challengeEndsS);

    /// @notice The window is longer than a year.
    error WindowTooLong(uint64 challengeWindowS);

    /// @notice The account that may propose.
    function operator() external view returns (address);

    /// @notice The account that may pause new proposals, and nothing else.
    function guardian() external view returns (address);

    function registry() external view returns (IValidatorRegistry);

    function vault() external view returns (IIncentiveVault);

    function baselines() external view returns (IBaselineCommitment);

    function notifier() external view returns (ISettlementNotifier);

    /// @notice Length of the challenge window after a quorum, seconds.
    function challengeWindowS() external view returns (uint64);

    /// @notice Whether new proposals are refused.
    function paused() external view returns (bool);

    /// @notice Proposes a settlement and takes the snapshot of its stakes. Operator only.
    /// @dev Its baselines must be committed, and the event's earlier revision final or rejected.
    /// @return period the settlement number, which validators sign together with the header.
    function propose(Header calldata header) external returns (uint256 period);

    /// @notice Counts validators' signatures over `digestOf(period)`. Anyone may send them.
    /// @dev A signer that was counted before is skipped, so that nobody can block a batch by
    /// sending one of its signatures first. Signatures after the quorum count until the window
    /// ends.
    /// @param signatures 65 bytes each (r, s, v), sorted by signer's address, at most 256 a call.
    function attest(uint256 period, bytes[] calldata signatures) external;

    /// @notice Records that the sender computed another result. Validators with stake in the period
    /// only.
    /// @dev Independent of the sender's attestation: a validator may find an error later.
    function object(uint256 period, bytes32 reasonHash) external;

    /// @notice Makes an attested settlement final once its window is over. Anyone may send it.
    /// @dev Reverts while the vault has too little; retry once it is funded.
    function finalize(uint256 period) external;

    /// @notice Refuses new proposals. Guardian only.
    function pause() external;

    /// @notice Accepts proposals again. Guardian only.
    function unpause() external;

    /// @notice The period of an event's revision; zero if it was not proposed.
    function periodOf(bytes32 eventHash, uint32 revision) external view returns (uint256);

    /// @notice The proposed header; zeros for an unknown period.
    function headerOf(uint256 period) external view returns (Header memory);

    /// @notice The state of a period; zeros for an unknown period.
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
        );

    /// @notice Root of a final period; zero for any other.
    function finalRoot(uint256 period) external view returns (bytes32);

    /// @notice Number of the newest period.
    function periodCount() external view returns (uint256);

    /// @notice EIP-712 digest of a period's header, bound to this chain and contract.
    function digestOf(uint256 period) external view returns (bytes32);

    /// @notice Whether the attestation of `account` was counted.
    function hasAttested(uint256 period, address account) external view returns (bool);

    /// @notice Whether `account` has objected.
    function hasObjected(uint256 period, address account) external view returns (bool);
}
