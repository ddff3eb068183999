import {useState} from 'preact/hooks';
import type {Line} from './answer';

const WIDE = '@container (inline-size > 480px)';

/** The shop's LINE account: a code to scan where the screen is wide, a link to tap where it is not
 * (a phone cannot scan its own screen). */
export function LineFriend({line}: {line: Line}) {
  const [noCode, setNoCode] = useState(false);
  return (
    <s-section heading={line.title}>
      <s-stack gap="base">
        <s-paragraph>{line.note}</s-paragraph>
        {!noCode && (
          <s-stack display={`${WIDE} auto, none`} gap="small-200">
            <s-qr-code
              content={line.url}
              accessibilityLabel={line.qr_text}
              onError={() => setNoCode(true)}
            />
            <s-text type="small" color="subdued">
              {line.qr_text}
            </s-text>
          </s-stack>
        )}
        <s-stack display={noCode ? 'auto' : `${WIDE} none, auto`}>
          <s-button variant="secondary" inlineSize="fill" href={line.url} target="_blank">
            {line.link_text}
          </s-button>
        </s-stack>
      </s-stack>
    </s-section>
  );
}
