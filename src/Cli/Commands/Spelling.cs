namespace IlgpuSpp.Cli.Commands;

/// <summary>Finds what a mistyped word was meant to be.</summary>
internal static class Spelling
{
    /// <summary>A question to put behind a refusal, such as <c>; did you mean --epochs?</c>, or a full stop where nothing is near.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="known">What could have been.</param>
    public static string Suggestion(string word, IEnumerable<string> known) => Closest(word, known) is { } meant ? $"; did you mean {meant}?" : ".";

    /// <summary>The nearest word, or null where none is near: at most a third of the letters may differ.</summary>
    public static string? Closest(string word, IEnumerable<string> known)
    {
        string given = word.TrimStart('-').ToLowerInvariant();
        (string? best, int least) = (null, Math.Max(1, given.Length / 3) + 1);
        foreach (string candidate in known)
        {
            int distance = Distance(given, candidate.TrimStart('-').ToLowerInvariant());
            if (distance < least) (best, least) = (candidate, distance);
        }
        return best;
    }

    // Letters inserted, left out, replaced, or swapped with their neighbour (optimal string alignment).
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
            for (int j = 1; j <= b.Length; j++)
            {
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        return d[a.Length, b.Length];
    }
}
