// The tour's own words: each step's name, what to do and why it matters. `network` is the name of the post's own; `waiting` says
// that its answer is lost already.

export const WORDS = {
  row: {
    name: "Add a row",
    what: () => "Write a row of your own, for some time soon, or take this one.",
    why: "A row in a sheet is all that an owner ever writes.",
  },
  card: {
    name: "Get the card",
    what: () => "Nothing to do: a mail comes to the outbox, with what would go out, to the letter. On a fresh stack it takes a while, as every row is being made ready.",
    why: "You are asked about the post itself, not about a plan.",
  },
  approve: {
    name: "Approve it",
    what: () => "Open the card and press Approve at your post; the page it leads to has the button. In Slack it is one press.",
    why: "Nothing goes out unapproved, and a look at a link approves nothing.",
  },
  edit: {
    name: "Edit it again",
    what: () => "Change a word of the text. The tick falls and a new card comes; approve that one too.",
    why: "An approval is bound to one version: what you saw is what goes out.",
  },
  break: {
    name: "Break the network",
    what: ({ network }) => `Let ${network} take the post and lose its answer on the way back.`,
    why: "The sender cannot know now whether it is out. To send again may double it, to give up may miss it.",
  },
  recover: {
    name: "Watch it recover",
    what: ({ waiting }) => waiting
      ? "The answer is lost. Press Next thing once more: after some minutes the sender looks whether the post is there."
      : "Press Next thing until the clock stands at the post’s minute. It goes out, and no answer comes.",
    why: "Nothing twice, nothing missed: it looks first, and writes the link into the row.",
  },
};

export const MORE = [
  ["Untick a row.", "That is a hold. Release it by the link in the mail."],
  ["Undo a change.", "Where a row says again what was approved, nobody is asked and the approval stands."],
  ["Write too much.", "Past the limit of its network the row itself says by how many."],
  ["Send now,", "from a card: it is out within a minute."],
  ["Hold everything,", "at the foot of every mail, and let it go on again."],
];

const times = (count) => (count === 1 ? "once" : count === 2 ? "twice" : `${count} times`);

// One line from the figures of the post that was followed.
export function closing({ approved, lost, posted, twice }) {
  const places = posted === 1 ? "posted once" : `posted on ${posted} channels`;
  return `Approved ${times(approved)}, its answer lost ${times(lost)}, ${places}, doubled ${twice} times.`;
}
