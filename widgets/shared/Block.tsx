import {Fragment} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import {type Answer, type Question, type Step, ask} from './answer';
import {LineFriend} from './LineFriend';
import {ModuleForm} from './ModuleForm';
import {OfferCard} from './OfferCard';
import {server} from './server';
import {Help, Steps} from './Steps';
import {useAnswer} from './useAnswer';

/** What the block needs of the page it stands on: thank-you and order status differ in where these
 * come from, not in what they are. */
export interface Surface {
  translate: (key: string) => string;
  settings: {[key: string]: string | number | boolean | undefined};
  storage: {
    read: (key: string) => Promise<unknown>;
    write: (key: string, value: number) => Promise<unknown>;
  };
  token: () => Promise<string>;
  /** Null while the page does not know yet what it is about. */
  question: () => Question | null;
  ships: () => boolean;
}

/** The block: what happens next at once and on its own, everything else when our server answers. */
export function Block({surface}: {surface: Surface}) {
  const [answer, setAnswer] = useAnswer(() => askServer(surface));
  const [declined, remember] = useDeclined(surface);
  const {show_offer, show_line, show_questions} = surface.settings;
  const tell = async (module: string, values: {[name: string]: string}) => {
    const found = await tellServer(surface, module, values);
    if (found) setAnswer(found);
    return found !== null;
  };
  const decline = async (step: number) => {
    remember(step);
    const found = await askServer(surface, '/decline');
    if (found) setAnswer(found);
  };
  const part = (shown: Answer, key: string) => {
    if (key === 'offer') {
      return (
        show_offer !== false && (
          <OfferCard
            offer={shown.offer}
            over={shown.offer_over}
            declined={(shown.offer?.step ?? 0) <= declined}
            onDecline={() => void decline(shown.offer?.step ?? 0)}
          />
        )
      );
    }
    if (key === 'line') return shown.line && show_line !== false && <LineFriend line={shown.line} />;
    const module = shown.modules?.find((one) => one.key === key);
    return module && show_questions !== false && <ModuleForm module={module} tell={tell} />;
  };
  return (
    <s-query-container>
      <s-stack gap="large-200">
        <s-section heading={answer?.title ?? surface.translate('title')}>
          <s-stack gap="base">
            <Steps steps={answer?.steps ?? ownSteps(surface)} />
            {answer && (
              <Help
                support={answer.support}
                trackingUrl={answer.tracking_url}
                trackingText={answer.tracking_text}
                ways={answer.ways ?? []}
              />
            )}
          </s-stack>
        </s-section>
        {answer && arranged(answer).map((key) => <Fragment key={key}>{part(answer, key)}</Fragment>)}
      </s-stack>
    </s-query-container>
  );
}

/** The keys of what stands below the timeline, in the server's order. */
function arranged({order, modules = []}: Answer): string[] {
  return order ?? ['offer', ...modules.map((module) => module.key), 'line'];
}

/** The steps that are true of every order, without dates: only our server knows those. */
function ownSteps({translate, ships}: Surface): Step[] {
  const keys = ships() ? ['received', 'prepare', 'arrive'] : ['received', 'access'];
  return keys.map((key) => ({
    key,
    title: translate(`steps.${key}.title`),
    text: translate(`steps.${key}.text`),
    date_text: null,
    done: key === 'received',
  }));
}

/** The last offer that the shopper said no to: 0 for none. Our server keeps it; this is for the
 * moment until it has heard, and for when it is away. */
function useDeclined({storage}: Surface): [number, (step: number) => void] {
  const [declined, setDeclined] = useState(0);
  useEffect(() => {
    storage.read('declined').then(
      (before) => typeof before === 'number' && setDeclined(before),
      () => undefined, // Without storage the offer is simply shown again.
    );
  }, []);
  return [
    declined,
    (step) => {
      setDeclined(step);
      storage.write('declined', step).catch(() => undefined);
    },
  ];
}

async function askServer(surface: Surface, verb = ''): Promise<Answer | null> {
  const question = surface.question();
  return question && ask(`${server()}/widget/thank-you${verb}`, surface.token, question);
}

async function tellServer(
  surface: Surface,
  module: string,
  values: {[name: string]: string},
): Promise<Answer | null> {
  const question = surface.question();
  return question && ask(`${server()}/widget/told`, surface.token, {...question, module, values});
}
