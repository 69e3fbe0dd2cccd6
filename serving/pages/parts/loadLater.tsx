import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Failure, Loading } from './States.tsx'

/**
 * A screen that is fetched when it is first shown, so that a phone on a slow line has the first one
 * sooner. Where that fails it can be asked for again.
 */
export function loadLater(load: () => Promise<ComponentType>): ComponentType {
  let Screen: ComponentType | null = null
  return function LaterScreen() {
    const [error, setError] = useState<Error | null>(null)
    const [turn, setTurn] = useState(0)
    useEffect(() => {
      if (Screen) return
      load().then((loaded) => {
        Screen = loaded
        setError(null)
        setTurn((each) => each + 1)
      }, setError)
    }, [turn])
    if (Screen) return <Screen />
    if (!error) return <Loading tall />
    return <Failure error={error} retry={() => setTurn((each) => each + 1)} />
  }
}
