import { useId, useState } from 'preact/hooks'
import { isTokenTaken, writeToken } from '../data/api.ts'

/** Asks for the token where a page shows a single meter or changes something. */
export function TokenForm({ why = 'This shows single meters, so it needs the token.' }) {
  const [problem, setProblem] = useState<string | null>(null)
  const field = useId()
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const token = String(form.get('token') ?? '').trim()
    try {
      if (await isTokenTaken(token)) writeToken(token)
      else setProblem('This is not the token of this installation.')
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <form class="token" onSubmit={submit}>
      <p>
        {why} It is in the file <code>token</code> of the folder that wattproof printed when it
        started, and stays in this browser tab only.
      </p>
      <div class="row">
        <label for={field}>
          Token
          <input id={field} name="token" type="password" autocomplete="off" required />
        </label>
        <button type="submit" class="primary">
          Open
        </button>
      </div>
      <p class="trouble" role="alert">
        {problem}
      </p>
    </form>
  )
}
