import { useState } from "react";

export default function Counter() {
  const [count, setCount] = useState(0);
  return (
    <div>
      <p id="markup">Markup 0</p>
      <output>{count} clicks</output>
      <button type="button" onClick={() => setCount(count + 1)}>
        One more
      </button>
    </div>
  );
}
