// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {ISettlementAnchor} from "../src/interfaces/ISettlementAnchor.sol";
import {WorldTest} from "./World.sol";

contract SettlementAnchorAttestTest is WorldTest {
    uint256 private constant CURVE_ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    uint256 private period;
    bytes32 private digest;

    function setUp() public override {
        super.setUp();
        period = proposeFirst(1);
        digest = anchor.digestOf(period);
    }

    function test_attest_revertsForAPeriodThatIsNotOpen() public {
        bytes[] memory signatures = signaturesOf(keys, digest);
        expectWrongState(2, ISettlementAnchor.State.None);
        anchor.attest(2, signatures);

        finish(period);
        expectWrongState(period, ISettlementAnchor.State.Final);
        anchor.attest(period, signatures);
    }

    function test_attest_revertsOnceRejected() public {
        for (uint256 i; i < 2; ++i) {
            vm.prank(founder(i));
            anchor.object(period, "wrong");
        }
        bytes[] memory signatures = signaturesOf(keys, digest);
        expectWrongState(period, ISettlementAnchor.State.Rejected);
        anchor.attest(period, signatures);
    }

    function test_attest_revertsOnNoneAndTooManySignatures() public {
        expectRevert(
            abi.encodeWithSelector(ISettlementAnchor.WrongSignatureCount.selector, 0, 256)
        );
        anchor.attest(period, new bytes[](0));
        expectRevert(
            abi.encodeWithSelector(ISettlementAnchor.WrongSignatureCount.selector, 257, 256)
        );
        anchor.attest(period, new bytes[](257));
    }

    function test_attest_revertsOnASignerTwiceInOneCall() public {
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = signatures[1] = signature(keys[0], digest);
        expectRevert(
            abi.encodeWithSelector(
                ISettlementAnchor.SignersNotAscending.selector, founder(0), founder(0)
            )
        );
        anchor.attest(period, signatures);
    }

    function test_attest_revertsOnSignersOutOfOrder() public {
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = signature(keys[1], digest);
        signatures[1] = signature(keys[0], digest);
        expectRevert(
            abi.encodeWithSelector(
                ISettlementAnchor.SignersNotAscending.selector, founder(1), founder(0)
            )
        );
        anchor.attest(period, signatures);
    }

    function test_attest_revertsForASignerWithoutStake(uint256 key) public {
        key = bound(key, 1, CURVE_ORDER - 1);
        address signer = vm.addr(key);
        vm.assume(registry.numberOf(signer) == 0);
        expectRevert(abi.encodeWithSelector(ISettlementAnchor.NoStake.selector, signer, period));
        anchor.attest(period, one(signature(key, digest)));
    }

    function test_attest_revertsOnASignatureOverAnythingElse(bytes32 other) public {
        vm.assume(other != digest);
        bytes[] memory signatures = one(signature(keys[0], other));
        // It recovers to an unknown account, which has no stake.
        vm.expectRevert();
        anchor.attest(period, signatures);
    }

    function test_attest_revertsOnASignatureForAnotherPeriodChainOrAnchor() public {
        uint256 next = proposeFirst(2);
        bytes[] memory signatures = one(signature(keys[0], digest));
        vm.expectRevert();
        anchor.attest(next, signatures);
        vm.chainId(block.chainid + 1);
        vm.expectRevert();
        anchor.attest(period, signatures);
    }

    function test_attest_revertsOnMalformedSignatures(bytes memory garbage) public {
        vm.assume(garbage.length != 65);
        expectRevert(
            abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, garbage.length)
        );
        anchor.attest(period, one(garbage));
        expectRevert(ECDSA.ECDSAInvalidSignature.selector);
        anchor.attest(period, one(new bytes(65)));
    }

    /// @dev Every signature has a twin with the mirrored s, which must not count as another one.
    function test_attest_revertsOnTheMirroredSignature() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[0], digest);
        bytes32 mirrored = bytes32(CURVE_ORDER - uint256(s));
        expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, mirrored));
        anchor.attest(period, one(abi.encodePacked(r, mirrored, v == 27 ? uint8(28) : uint8(27))));
    }

    /// @dev 300 of 400 are three quarters; 200 are one half.
    function test_attest_reachesTheQuorumAtTwoThirds() public {
        anchor.attest(period, signaturesOf(firstKeys(2), digest));
        assertState(ISettlementAnchor.State.Proposed, 200 * TOKENS);

        uint64 endsS = uint64(block.timestamp) + WINDOW_S;
        vm.expectEmit(address(anchor));
        emit ISettlementAnchor.Attested(period, founder(2), 100 * TOKENS);
        vm.expectEmit(address(anchor));
        emit ISettlementAnchor.QuorumReached(period, 300 * TOKENS, 400 * TOKENS, endsS);
        anchor.attest(period, one(signature(keys[2], digest)));
        assertState(ISettlementAnchor.State.Attested, 300 * TOKENS);
        (,,,,, uint64 attestedAtS, uint64 challengeEndsS) = anchor.infoOf(period);
        assertEq(attestedAtS, block.timestamp, "attested at");
        assertEq(challengeEndsS, endsS, "ends");
    }

    /// @dev Anyone can send one signature of a batch first; the batch must still count the others.
    function test_attest_skipsSignersThatWereCounted() public {
        anchor.attest(period, one(signature(keys[1], digest)));
        attestAll(period);
        assertState(ISettlementAnchor.State.Attested, 400 * TOKENS);
        attestAll(period);
        assertState(ISettlementAnchor.State.Attested, 400 * TOKENS);
    }

    /// @dev A late signature does not restart the window.
    function test_attest_countsLateSignaturesUntilTheWindowEnds() public {
        anchor.attest(period, signaturesOf(firstKeys(3), digest));
        (,,,,,, uint64 endsS) = anchor.infoOf(period);
        bytes[] memory last = one(signature(keys[3], digest));
        vm.warp(endsS);
        expectRevert(abi.encodeWithSelector(ISettlementAnchor.ChallengeOver.selector, endsS));
        anchor.attest(period, last);
        vm.warp(endsS - 1);
        anchor.attest(period, last);
        assertState(ISettlementAnchor.State.Attested, 400 * TOKENS);
        (,,,,,, uint64 endsAfterS) = anchor.infoOf(period);
        assertEq(endsAfterS, endsS, "window");
    }

    function test_hasAttested_isTrueForSignersOnly() public {
        anchor.attest(period, one(signature(keys[2], digest)));
        for (uint256 i; i < 4; ++i) {
            assertTrue(anchor.hasAttested(period, founder(i)) == (i == 2), "attested");
        }
        assertFalse(anchor.hasAttested(period, STRANGER), "stranger");
    }

    /// @dev Validators 1 and 257 have the same bit in different words.
    function test_hasAttested_distinguishesValidatorsOfAnyNumber() public {
        uint256 key = uint256(keccak256("number 257"));
        for (uint160 number = 5; number <= 256; ++number) {
            credit(address(0x9000 + number));
        }
        credit(vm.addr(key));
        assertEq(registry.numberOf(vm.addr(key)), 257, "number");
        nextBlock();
        period = proposeFirst(2);
        digest = anchor.digestOf(period);
        anchor.attest(period, one(signature(key, digest)));
        assertTrue(anchor.hasAttested(period, vm.addr(key)), "257 attested");
        assertFalse(anchor.hasAttested(period, founder(0)), "1 did not");
        anchor.attest(period, one(signature(keys[0], digest)));
        assertTrue(anchor.hasAttested(period, founder(0)), "now 1 did");
        assertState(ISettlementAnchor.State.Proposed, 90 * TOKENS + 1);
    }

    /// @dev Any stakes, any subset, in any number of calls: each signer counts once, and the quorum
    /// follows.
    /// forge-config: default.fuzz.runs = 64
    function test_attest_countsEachSignerOnce(uint64[4] memory given, uint8[6] memory subsets)
        public
    {
        uint256[] memory stakes = new uint256[](4);
        for (uint256 i; i < 4; ++i) {
            stakes[i] = uint256(given[i]) + 1;
        }
        deploy(stakes);
        period = proposeFirst(1);
        digest = anchor.digestOf(period);
        uint256 all;
        for (uint256 i; i < subsets.length; ++i) {
            uint256 subset = bound(subsets[i], 1, 15);
            all |= subset;
            anchor.attest(period, subsetOf(subset));
        }

        (uint256 expected, uint256 total) = (0, 0);
        for (uint256 i; i < 4; ++i) {
            if (all >> i & 1 == 1) expected += stakes[i];
            total += stakes[i];
        }
        bool isQuorum = 3 * expected >= 2 * total;
        assertState(
            isQuorum ? ISettlementAnchor.State.Attested : ISettlementAnchor.State.Proposed,
            expected
        );
    }

    function credit(address account) private {
        vm.prank(OPERATOR);
        token.mint(address(registry), 1);
        vm.prank(address(vault));
        registry.creditStake(account, 1);
    }

    function subsetOf(uint256 bits) private view returns (bytes[] memory signatures) {
        uint256[] memory chosen = new uint256[](4);
        uint256 count;
        for (uint256 i; i < 4; ++i) {
            if (bits >> i & 1 == 1) chosen[count++] = keys[i];
        }
        signatures = new bytes[](count);
        for (uint256 i; i < count; ++i) {
            signatures[i] = signature(chosen[i], digest);
        }
    }

    function one(bytes memory single) private pure returns (bytes[] memory signatures) {
        signatures = new bytes[](1);
        signatures[0] = single;
    }

    function assertState(ISettlementAnchor.State expected, uint256 expectedFor) private view {
        (ISettlementAnchor.State state, uint256 stakeFor,,,,,) = anchor.infoOf(period);
        assertTrue(state == expected, "state");
        assertEq(stakeFor, expectedFor, "stake for");
    }

    function expectWrongState(uint256 of_, ISettlementAnchor.State state) private {
        expectRevert(abi.encodeWithSelector(ISettlementAnchor.WrongState.selector, of_, state));
    }
}
