import { WrongUseError } from './commandLine.ts'

export class AddressOptionError extends WrongUseError {
  constructor(typed: { readonly option: string; readonly text: string }) {
    super(
      `${typed.option} takes an address, 0x and 40 hexadecimal digits; not ${typed.text}.`,
      typed,
    )
  }
}

export class DateOptionError extends WrongUseError {
  constructor(typed: { readonly option: string; readonly text: string }) {
    super(`${typed.option} takes a date such as 2026-03-01; not "${typed.text}".`, typed)
  }
}

export class InstantOptionError extends WrongUseError {
  constructor(typed: { readonly option: string; readonly text: string }) {
    const example = 'a time with an offset, such as 2013-02-11T17:00Z'
    super(`${typed.option} takes ${example}; not "${typed.text}".`, typed)
  }
}

export class DecimalOptionError extends WrongUseError {
  constructor(typed: { readonly option: string; readonly text: string }) {
    super(`${typed.option} takes a number such as 219 or -12.5; not "${typed.text}".`, typed)
  }
}
