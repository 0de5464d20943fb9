import type { HTMLAttributes, RefAttributes } from 'react'
import type { WidgetElements } from './elements.js'

type Handlers<E> = { [K in keyof E & string as `on${K}`]?: ((event: E[K]) => void) | undefined }
type Elements = {
  [N in keyof WidgetElements]: Omit<HTMLAttributes<WidgetElements[N]['element']>, keyof WidgetElements[N]['props']> &
    RefAttributes<WidgetElements[N]['element']> &
    WidgetElements[N]['props'] &
    Handlers<WidgetElements[N]['events']>
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends Elements {}
  }
}
