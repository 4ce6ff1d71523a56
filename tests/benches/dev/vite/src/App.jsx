import Counter from "./Counter.jsx";

export default function App() {
  return (
    <main>
      <h1>Heading 0</h1>
      <Counter />
    </main>
  );
}
