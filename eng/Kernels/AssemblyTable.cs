using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace IlgpuSpp.KernelTool;

/// <summary>
/// Assembles the PTX texts of a folder and prints two tables in Markdown: resources, and the products' inner loops. The second
/// bounds what a loop can reach of a multiprocessor's arithmetic peak, from its instructions alone: each partition issues one
/// instruction a cycle; shared memory moves 128 bytes a cycle for four partitions.
/// </summary>
internal static partial class AssemblyTable
{
    private static readonly string[] s_targets = ["sm_80", "sm_90"];

    private sealed record Resources(int Registers, int Shared, int Spilled);

    private sealed record Loop(string Kernel, string Target, int Instructions, string Sums, int SharedLoads, int SharedStores, int GlobalLoads, int Others, double Bound);

    /// <summary>Prints the tables; 1 when a kernel is refused or a product spills registers.</summary>
    public static int Print(string folder, TextWriter output, TextWriter errors)
    {
        var rows = new List<(string Name, Resources[] Targets)>();
        var loops = new List<Loop>();
        var refused = new List<string>();
        foreach (string ptx in Directory.GetFiles(folder, "*.ptx").Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(ptx);
            var resources = new List<Resources>();
            foreach (string target in s_targets)
            {
                string cubin = Path.ChangeExtension(ptx, $".{target}.cubin");
                var (code, said) = Run("ptxas", "-v", $"-arch={target}", ptx, "-o", cubin);
                if (code != 0)
                {
                    refused.Add($"{name} for {target}: {said.Split('\n')[0]}");
                    continue;
                }
                resources.Add(new(Number(said, RegisterPattern()), Number(said, SharedPattern()), Number(said, StoresPattern()) + Number(said, LoadsPattern())));
                if (ProductPattern().IsMatch(name) && LoopOf(name, target, Run("nvdisasm", "-c", cubin).Said) is { } loop) loops.Add(loop);
            }
            if (resources.Count == s_targets.Length) rows.Add((name, [.. resources]));
        }
        string[] spilled = [.. rows.Where(r => MatrixPattern().IsMatch(r.Name) && r.Targets.Any(t => t.Spilled > 0)).Select(r => r.Name)];
        output.WriteLine($"{rows.Count} kernels assembled for {string.Join(" and ", s_targets)}, {refused.Count} refused.\n");
        foreach (string reason in refused) output.WriteLine($"- {reason}");
        output.WriteLine("| kernel | registers (sm_80 / sm_90) | shared bytes | spilled bytes (sm_80 / sm_90) |\n|---|---|---|---|");
        foreach (var (name, t) in rows)
            output.WriteLine($"| {name} | {t[0].Registers} / {t[1].Registers} | {t[0].Shared} | {t[0].Spilled} / {t[1].Spilled} |");
        output.WriteLine("\n| product | target | instructions of the loop | sums | shared loads | shared stores | global loads | others | bound, of peak |\n|---|---|---|---|---|---|---|---|---|");
        foreach (Loop l in loops)
            output.WriteLine($"| {l.Kernel} | {l.Target} | {l.Instructions} | {l.Sums} | {l.SharedLoads} | {l.SharedStores} | {l.GlobalLoads} | {l.Others} | {(100 * l.Bound).ToString("0", CultureInfo.InvariantCulture)}% |");
        if (spilled.Length > 0) errors.WriteLine($"Products that spill registers: {string.Join(", ", spilled)}");
        return refused.Count + spilled.Length == 0 ? 0 : 1;
    }

    // The loop that holds the sums: the smallest with most of the FFMA or HMMA.
    private static Loop? LoopOf(string name, string target, string disassembly)
    {
        var labels = new Dictionary<string, int>();
        var code = new List<(string Op, string Operands)>();
        string[]? best = null;
        foreach (string line in disassembly.Split('\n'))
        {
            if (LabelPattern().Match(line) is { Success: true } label) labels[label.Groups[1].Value] = code.Count;
            else if (InstructionPattern().Match(line) is { Success: true } m) code.Add((m.Groups[1].Value, m.Groups[2].Value));
        }
        for (int end = 0; end < code.Count; end++)
        {
            if (!code[end].Op.StartsWith("BRA", StringComparison.Ordinal) || JumpPattern().Match(code[end].Operands) is not { Success: true } jump) continue;
            if (!labels.TryGetValue(jump.Value, out int start) || start > end) continue;
            string[] part = [.. code[start..(end + 1)].Select(c => c.Op)];
            if (part.Count(op => Kind(op) is "FFMA" or "HMMA") >= 16 && (best is null || part.Length < best.Length)) best = part;
        }
        if (best is null) return null;
        int Count(string kind) => best.Count(op => Kind(op) == kind);
        string unit = Count("HMMA") > 0 ? "HMMA" : "FFMA";
        // A warp's reads of the first factor are broadcasts in FFMA loops: quads of 2 of its 16 rows, one pass each.
        int moved = unit == "FFMA" ? 4 * (Count("LDS") / 2) * 3 : best.Where(op => Kind(op) is "LDS" or "STS").Sum(SharedCycles);
        double math = Count(unit) * CyclesOf(target, unit);
        int others = best.Length - Count(unit) - Count("LDS") - Count("STS") - Count("LDG");
        return new(name, target, best.Length, $"{Count(unit)} {unit}", Count("LDS"), Count("STS"), Count("LDG"), others, math / Math.Max(math, Math.Max(best.Length, moved)));
    }

    private static string Kind(string op) => op.Split('.')[0];

    // Cycles of a partition for one warp's instruction at the peak rate (NVIDIA, CUDA C++ programming guide, arithmetic
    // throughput; A100 and H100 white papers for the tensor cores).
    private static int CyclesOf(string target, string unit) => (target, unit) switch
    {
        ("sm_80", "FFMA") => 2,
        ("sm_80", "HMMA") => 8,
        ("sm_90", "FFMA") => 1,
        _ => 4,
    };

    // Cycles in which an access keeps the shared memory's port from a partition's share of it.
    private static int SharedCycles(string op) => op.Contains(".128", StringComparison.Ordinal) ? 16 : op.Contains(".64", StringComparison.Ordinal) ? 8 : 4;

    private static int Number(string text, Regex pattern) => pattern.Match(text) is { Success: true } m ? int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static (int Code, string Said) Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return (process.ExitCode, said);
    }

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex RegisterPattern();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex SharedPattern();

    [GeneratedRegex(@"(\d+) bytes spill stores")]
    private static partial Regex StoresPattern();

    [GeneratedRegex(@"(\d+) bytes spill loads")]
    private static partial Regex LoadsPattern();

    [GeneratedRegex(@"\.(Tile128|Tile64|Tf32|Bf16)$")]
    private static partial Regex ProductPattern();

    [GeneratedRegex("^(Gemm|Conv)")]
    private static partial Regex MatrixPattern();

    [GeneratedRegex(@"^(\.L_x_\d+):")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"^\s+/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+ )?\s*([A-Z0-9_.]+)(.*);")]
    private static partial Regex InstructionPattern();

    [GeneratedRegex(@"\.L_x_\d+")]
    private static partial Regex JumpPattern();
}
