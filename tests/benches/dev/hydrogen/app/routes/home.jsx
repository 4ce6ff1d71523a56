import Counter from "../Counter.jsx";
import "../own.css";

export default function Home() {
  return (
    <main>
      <h1>Heading 0</h1>
      <Counter />
    </main>
  );
}
