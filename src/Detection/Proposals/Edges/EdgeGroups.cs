namespace IlgpuSpp.Detection;

/// <summary>
/// Edge pixels in groups of nearly straight contour, with the affinity of neighbouring groups (Zitnick and Dollár, ECCV 2014, section 3.1):
/// 8-connected pixels are added one after another until their differences of orientation add up to more than π/2.
/// </summary>
internal sealed class EdgeGroups
{
    /// <summary>What the map holds where no group is.</summary>
    public const int None = -1;

    private const float MostTurn = MathF.PI / 2;
    private const float SmallestMagnitude = 0.5f;
    private const float SmallestAffinity = 0.05f;
    private const int Reach = 2;

    private EdgeGroups(EdgeMap edges)
    {
        Width = edges.Width;
        Height = edges.Height;
        Map = new int[Width * Height];
        Array.Fill(Map, None);
    }

    public int Width { get; }

    public int Height { get; }

    public int Count { get; private set; }

    /// <summary>Every pixel's group, <c>[height, width]</c>, or <see cref="None"/>.</summary>
    public int[] Map { get; }

    /// <summary>Sum of each group's edge strengths.</summary>
    public float[] Magnitude { get; private set; } = [];

    /// <summary>Each group's mean column, weighted by strength and rounded.</summary>
    public int[] X { get; private set; } = [];

    /// <summary>Each group's mean row, weighted by strength and rounded.</summary>
    public int[] Y { get; private set; } = [];

    /// <summary>Each group's neighbours with their affinities, 0.05 to 1.</summary>
    public (int Group, float Affinity)[][] Neighbours { get; private set; } = [];

    public static EdgeGroups Create(EdgeMap edges, double affinityExponent)
    {
        var groups = new EdgeGroups(edges);
        int raw = groups.Grow(edges);
        groups.JoinSmall(edges, raw);
        float[] orientation = groups.Measure(edges);
        groups.Connect(orientation, affinityExponent);
        return groups;
    }

    /// <summary>The smaller angle between two undirected orientations, 0 to π/2.</summary>
    internal static float Between(float a, float b)
    {
        float d = Math.Abs(a - b);
        return Math.Min(d, MathF.PI - d);
    }

    private int Grow(EdgeMap edges)
    {
        int count = 0;
        Span<int> around = [-Width - 1, -Width, -Width + 1, -1, 1, Width - 1, Width, Width + 1];
        var frontier = new List<(int Pixel, float Turn)>();
        for (int start = 0; start < Map.Length; start++)
        {
            if (edges.Strength[start] == 0 || Map[start] != None) continue;
            float turned = 0;
            int at = start;
            frontier.Clear();
            while (true)
            {
                Map[at] = count;
                // Edge pixels never lie on the border, so all eight neighbours exist.
                foreach (int step in around)
                {
                    int next = at + step;
                    if (edges.Strength[next] > 0 && Map[next] == None) frontier.Add((next, Between(edges.Orientation[next], edges.Orientation[at])));
                }
                int best = -1;
                for (int i = frontier.Count - 1; i >= 0; i--)
                {
                    if (Map[frontier[i].Pixel] != None) frontier.RemoveAt(i);
                }
                for (int i = 0; i < frontier.Count; i++)
                {
                    if (best < 0 || frontier[i].Turn < frontier[best].Turn) best = i;
                }
                if (best < 0) break;
                turned += frontier[best].Turn;
                if (turned > MostTurn) break;
                at = frontier[best].Pixel;
            }
            count++;
        }
        return count;
    }

    // Pixels of groups below the smallest magnitude go to the neighbouring group that is nearest in orientation; lone ones are dropped.
    private void JoinSmall(EdgeMap edges, int raw)
    {
        var magnitude = new float[raw];
        for (int i = 0; i < Map.Length; i++)
        {
            if (Map[i] != None) magnitude[Map[i]] += edges.Strength[i];
        }
        Span<int> around = [-Width - 1, -Width, -Width + 1, -1, 1, Width - 1, Width, Width + 1];
        var numbers = new int[raw];
        Array.Fill(numbers, None);
        int count = 0;
        for (int i = 0; i < Map.Length; i++)
        {
            if (Map[i] == None) continue;
            if (magnitude[Map[i]] < SmallestMagnitude)
            {
                int best = None;
                float turn = float.MaxValue;
                foreach (int step in around)
                {
                    int other = Map[i + step];
                    if (other == None || magnitude[other] < SmallestMagnitude) continue;
                    float t = Between(edges.Orientation[i], edges.Orientation[i + step]);
                    if (t < turn) (best, turn) = (other, t);
                }
                Map[i] = best;
            }
            if (Map[i] != None && numbers[Map[i]] == None) numbers[Map[i]] = count++;
        }
        for (int i = 0; i < Map.Length; i++)
        {
            if (Map[i] != None) Map[i] = numbers[Map[i]];
        }
        Count = count;
    }

    private float[] Measure(EdgeMap edges)
    {
        Magnitude = new float[Count];
        X = new int[Count];
        Y = new int[Count];
        var orientation = new float[Count];
        var sums = new (double X, double Y, double Cos, double Sin)[Count];
        for (int y = 0, i = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++, i++)
            {
                int group = Map[i];
                if (group == None) continue;
                float m = edges.Strength[i];
                Magnitude[group] += m;
                // Orientations are mean over doubled angles: 0 and π are the same direction.
                (double sin, double cos) = Math.SinCos(2.0 * edges.Orientation[i]);
                ref var sum = ref sums[group];
                sum = (sum.X + m * x, sum.Y + m * y, sum.Cos + m * cos, sum.Sin + m * sin);
            }
        }
        for (int g = 0; g < Count; g++)
        {
            X[g] = (int)Math.Round(sums[g].X / Magnitude[g]);
            Y[g] = (int)Math.Round(sums[g].Y / Magnitude[g]);
            double angle = Math.Atan2(sums[g].Sin, sums[g].Cos) / 2;
            orientation[g] = (float)(angle < 0 ? angle + Math.PI : angle);
        }
        return orientation;
    }

    private void Connect(float[] orientation, double exponent)
    {
        var seen = new HashSet<long>();
        var lists = new List<(int, float)>[Count];
        for (int g = 0; g < Count; g++) lists[g] = [];
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                int a = Map[y * Width + x];
                if (a == None) continue;
                for (int v = y; v <= Math.Min(y + Reach, Height - 1); v++)
                {
                    for (int u = Math.Max(0, x - Reach); u <= Math.Min(x + Reach, Width - 1); u++)
                    {
                        int b = Map[v * Width + u];
                        if (b == None || b == a || !seen.Add(a < b ? (long)a << 32 | (uint)b : (long)b << 32 | (uint)a)) continue;
                        float affinity = Affinity(orientation, a, b, exponent);
                        if (affinity < SmallestAffinity) continue;
                        lists[a].Add((b, affinity));
                        lists[b].Add((a, affinity));
                    }
                }
            }
        }
        Neighbours = [.. lists.Select(list => list.ToArray())];
    }

    // Equation 1: |cos(θi − θij) · cos(θj − θij)|^γ, θij the direction between the mean positions.
    private float Affinity(float[] orientation, int a, int b, double exponent)
    {
        double between = Math.Atan2(Y[b] - Y[a], X[b] - X[a]);
        return (float)Math.Pow(Math.Abs(Math.Cos(orientation[a] - between) * Math.Cos(orientation[b] - between)), exponent);
    }
}
