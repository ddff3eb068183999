import {useEffect, useState} from 'preact/hooks';
import type {Answer} from './answer';

/** When our server did not answer, try again after so many seconds, then leave it. */
export const RETRY_SECONDS = [4, 15];
const MOST_QUESTIONS = 10;
/** Timers reach no further than about 24 days; a page is not open that long. */
const LONGEST_WAIT_S = 86_400;

/** The server's latest answer, or null until there is one. Asks again only when that can change
 * something: the order was not known yet, the offer's deadline has come, the server was away.
 * What another question brought can be put in its place. */
export function useAnswer(
  question: () => Promise<Answer | null>,
): [Answer | null, (news: Answer) => void] {
  const [answer, setAnswer] = useState<Answer | null>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asked = 0;
    let failed = 0;
    let gone = false;

    async function load(): Promise<void> {
      asked += 1;
      const found = await question();
      if (gone) return;
      if (found) setAnswer(found);
      const wait = found ? nextQuestion(found) : RETRY_SECONDS[failed++];
      if (wait === undefined || asked >= MOST_QUESTIONS) return;
      timer = setTimeout(load, Math.min(wait, LONGEST_WAIT_S) * 1000);
    }

    void load();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
    // The question is about this one order: asked afresh on a timer, never because of a re-render.
  }, []);

  return [answer, setAnswer];
}

/** Seconds until asking again may bring something new. */
export function nextQuestion(answer: Answer): number | undefined {
  if (answer.ask_again_in !== null) return answer.ask_again_in;
  // A moment after the deadline, so that the server is sure to see it passed.
  if (answer.offer) return answer.offer.seconds_left + 1;
  return undefined;
}
