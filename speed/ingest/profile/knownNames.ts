import type { ProfileColumn } from './profileShape.ts'
import { plainName, withoutUnit } from './readUnit.ts'
import { isStatusName } from './statusNames.ts'

/** Names of columns as exports of the trade have them, plain: lower case, no accents, no unit. */
export const knownNames: Readonly<Partial<Record<ProfileColumn, readonly string[]>>> = {
  start: [
    ...['start', 'timestamp', 'time stamp', 'stamp', 'datetime', 'date time', 'date heure', 'from'],
    ...[
      'interval start',
      'start datetime',
      'start date time',
      'horodate',
      'debut',
      'inicio',
      'von',
    ],
    ...[
      'reading datetime',
      'datum uhrzeit',
      'fecha hora',
      'period start',
      'begin',
      'utc timestamp',
    ],
    ...['date debut', 'start timestamp', 'tstp', 'interval start time', 'period from'],
    ...['valid from', 'date from', 'from date', 'time from', 'datetime from', 'start period'],
    ...['desde', 'van', 'fra', 'fran', 'da', 'inizio', 'beginn', 'startzeit', 'startzeitpunkt'],
    ...['zeit von', 'uhrzeit von', 'von zeit', 'hora inicio', 'heure debut', 'heure de debut'],
    ...['ora inizio', 'hora de inicio'],
    ...['intervallbeginn', 'intervallstart', 'anfang', 'starttid', 'starttidspunkt', 'begintijd'],
    ...['alku', 'alkuaika', 'intervalstart', 'startdatetime', 'startdate', 'start date'],
  ],
  end: [
    ...['end', 'fin', 'to', 'interval end', 'end datetime', 'bis', 'fim', 'period end', 'date fin'],
    ...['horodate iso fin de pas', 'end timestamp', 'end date time', 'interval end time'],
    ...['read date and end time', 'interval ending', 'period ending', 'datetime ending'],
    ...[
      'intervallende',
      'endzeitpunkt',
      'endzeit',
      'zeitpunkt ende',
      'ende',
      'hasta',
      'ate',
      'tot',
    ],
    ...['zeit bis', 'uhrzeit bis', 'bis zeit'],
    ...['fine', 'slut', 'sluttid', 'sluttidspunkt', 'slutt', 'til', 'till', 'eind', 'einde'],
    ...[
      'eindtijd',
      'eindtijdstip',
      'hora fin',
      'hora fim',
      'heure fin',
      'heure de fin',
      'fecha fin',
    ],
    ...['data fim', 'data fine', 'ora fine', 'date de fin', 'fin intervalle', 'loppu', 'loppuaika'],
    ...[
      'koniec',
      'konec',
      'koncowy',
      'interval stop',
      'stop',
      'periodend',
      'intervalend',
      'endtime',
    ],
    ...['enddatetime', 'enddate', 'end date', 'interval end datetime', 'datum ende', 'bis datum'],
    ...['period until', 'period to', 'until', 'valid until', 'valid to', 'date to', 'to date'],
    ...['time to', 'time until', 'datetime to', 'end period'],
  ],
  date: ['date', 'data', 'datum', 'fecha', 'usage date', 'reading date', 'day', 'jour'],
  startTime: ['time', 'start time', 'hora', 'heure', 'uhrzeit', 'zeit'],
  endTime: ['end time', 'time ending', 'hour ending', 'hour end'],
  duration: ['duration', 'duration s', 'interval length', 'pas', 'interval'],
  meter: [
    ...['meter', 'meter id', 'meter number', 'meter no', 'mpan', 'mprn', 'nmi', 'customer'],
    ...[
      'identifiant prm',
      'prm',
      'pdl',
      'cups',
      'cpe',
      'id',
      'usage point',
      'lclid',
      'metering point',
      'statistic id',
    ],
  ],
  value: [
    ...['value', 'valeur', 'valor', 'usage', 'consumption', 'energy', 'energy wh', 'energy kwh'],
    ...['energyconsumption', 'kwh', 'wh', 'consumo', 'net', 'reading', 'read value', 'quantity'],
    ...['electricity', 'energie', 'verbrauch', 'consommation', 'usage kwh', 'consumption kwh'],
    ...['energy consumption', 'puissance moyenne', 'power', 'wert', 'energia'],
  ],
  import: ['import', 'imported', 'grid import', 'delivered', 'energy delivered', 'soutirage'],
  export: [
    ...['export', 'exported', 'grid export', 'received', 'energy received', 'generation'],
    ...['injection', 'returned', 'feed in', 'production', 'fed in'],
  ],
  flow: ['flow', 'flow direction', 'direction'],
  channel: ['channel', 'meter channel', 'nmi suffix'],
  accumulation: ['accumulation', 'accumulation behaviour'],
  power: ['power w', 'mean power w'],
  reactive: ['reactive var'],
  unit: [
    ...['unit', 'units', 'uom', 'unite', 'unidade', 'unidad', 'unita', 'einheit', 'enhet'],
    ...['eenheid', 'enhed', 'maleenhed', 'consumption unit', 'consumptionunit'],
  ],
  quality: ['quality', 'quality flag', 'row quality', 'estado', 'read status'],
  revision: ['revision', 'version'],
  saidAt: ['said at', 'updated at'],
}

/**
 * What exports have beside the series of a wide file: sums that would count twice, weather, money,
 * row numbers, and what is no active energy.
 */
export function isNoSeries(name: string): boolean {
  return isStatistic(name) || isNeverSeries(name)
}

function isStatistic(name: string): boolean {
  return statistics.test(plainName(withoutUnit(name)))
}

/** What is no series whatever stands beside it. */
export function isNeverSeries(name: string): boolean {
  const bare = plainName(withoutUnit(name))
  if (/(?:^| )k?va(?:r|h|rh)?$/.test(bare) || /[([]\s*k?va(?:r|h|rh)?\s*[)\]]/i.test(name))
    return true
  return beside.test(bare) || besideWords.test(bare) || isStatusName(name)
}

/** Anywhere in a name. */
const besideWords = new RegExp(
  '(?:^| )(?:quality|flag|temperature|temp|humidity|soc|pct|percent|price|voltage|' +
    'kva(?:r|h|rh)? (?:lag|lead))(?: |$)',
)

/** Words about the row, in a column of their own. */
const remarks =
  'notes?|comments?|remarks?|annotations?|description|info|event|' +
  'observa(?:tions?|coes|ciones)|bemerkung(?:en)?|kommentar(?:er|e)?|' +
  'anmerkung(?:en)?|hinweis(?:e)?|opmerking(?:en)?|commentaires?|remarques?|comentarios?|notas?'

/** Words about the day, of which the numbers are codes. */
const days = 'holidays?|weekday|day of (?:the )?week|season'

/** A column of words about the row; a number in it is no code. */
export function isRemark(name: string): boolean {
  return new RegExp(`^(?:${remarks}|status|state)$`).test(plainName(name))
}

const beside = new RegExp(
  '^(?:(?:grand |sub |row )?total(?: k?wh?)?|sum|summe|gesamt|somme|totale?|index|' +
    'row(?: number)?|line|status|hour|hora|ora|heure|stunde|uur|period|block|ptu|' +
    'temp(?:erature)?(?: [cf])?|humidity|cost|price|tariff|rate|power factor|voltage|current|' +
    `amps?|amperes?|volts?|frequency|hz|multiplier|ct ratio|carbon intensity|${remarks}|${days})$`,
)

/** Beside a series they describe it; alone with weather or prices they are the series. */
const statistics =
  /^(?:count|average|avg|mean|min(?:imum)?|max(?:imum)?|forecast|budget|target|cumulative)$/
