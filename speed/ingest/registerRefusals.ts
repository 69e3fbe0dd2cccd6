import { because } from './refusalCase.ts'

/** Why a cumulative register bounds no interval. */
export const registerRefusals = {
  'register-fallen': because(
    'out-of-range',
    () =>
      'The register is lower than the one before. Was the meter exchanged or reset, or did it ' +
      'roll over? Set register.digits or register.reset, or cut the file there.',
  ),
  /** `which`: of line 5, or of an instant. */
  'register-spike': because(
    'out-of-range',
    ({ which }: { readonly which: string }) =>
      `The register ${which}, which is later, is lower. Correct this one if it is a spike, or ` +
      'set register.reset.',
  ),
  'register-size': because(
    'out-of-range',
    ({ value }: { readonly value: bigint }) =>
      `The register shows ${value / 1_000_000n} kWh, more than is kept exactly. Check the unit.`,
  ),
  'register-absent': because(
    'missing-field',
    () =>
      'The row has a power and no register, so nothing says which interval it is of. Say the ' +
      'register too, or send the power as a reading with duration_s.',
  ),
  'register-rule': because(
    'not-a-number',
    () =>
      'register_rule is not a rule. Send {"capacity_mwh": "…", "resets": [{"from_ms": …, ' +
      '"to_ms": …}]}.',
  ),
}
