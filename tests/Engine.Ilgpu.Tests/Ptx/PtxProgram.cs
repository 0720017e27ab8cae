using System.Globalization;
using System.Text.RegularExpressions;

namespace IlgpuSpp.Engine.Ilgpu.Tests.Ptx;

/// <summary>What a warp or group does together, once all its threads have reached it.</summary>
internal enum PtxMeeting
{
    None,
    Barrier,
    Shuffle,
    Tf32,
    Bf16,
}

/// <summary>One instruction: what it does to a thread, or what the threads do together.</summary>
internal sealed record PtxInstruction(string Text, PtxMeeting Meeting, Action<PtxThread>? Run, int[] Operands);

/// <summary>
/// The PTX text of one kernel, as far as the products need PTX: integers, floats, memory, branches, shuffles and
/// <c>mma.sync</c>. An instruction that it does not know is an error.
/// </summary>
internal sealed partial class PtxProgram
{
    private readonly Dictionary<string, int> _registers = [];
    private readonly Dictionary<string, int> _symbols = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly Dictionary<string, int> _parameters = [];

    public PtxProgram(string text)
    {
        foreach (string special in (string[])["%tid.x", "%ntid.x", "%ctaid.x", "%ctaid.y", "%ctaid.z"]) Register(special);
        foreach (Match m in ParameterPattern().Matches(text[..text.IndexOf("\n{", StringComparison.Ordinal)]))
        {
            bool scalar = m.Groups[1].Value.Length == 0;
            int align = scalar ? 4 : int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture);
            ParameterBytes = (ParameterBytes + align - 1) / align * align;
            _parameters[m.Groups[2].Value] = ParameterBytes;
            ParameterBytes += scalar ? 4 : int.Parse(m.Groups[3].Value, CultureInfo.InvariantCulture);
        }
        string[] lines = text[text.IndexOf("\n{", StringComparison.Ordinal)..].Split('\n');
        var statements = new List<string>();
        foreach (string line in lines)
        {
            string trimmed = line.Split("//")[0].Trim();
            if (LabelPattern().Match(trimmed) is { Success: true } label)
            {
                _labels[label.Groups[1].Value] = statements.Count;
                continue;
            }
            foreach (string part in trimmed.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (part is "{" or "}" || part.StartsWith(".reg", StringComparison.Ordinal)) continue;
                if (part[0] == '.') Declare(part);
                else statements.Add(part);
            }
        }
        Instructions = [.. statements.Select(Decode)];
    }

    public IReadOnlyList<PtxInstruction> Instructions { get; }

    public int RegisterCount => _registers.Count;

    public int SharedBytes { get; private set; }

    public int ParameterBytes { get; private set; }

    public int Register(string name) => _registers.TryGetValue(name, out int slot) ? slot : _registers[name] = _registers.Count;

    [GeneratedRegex(@"\.param (?:\.align (\d+) \.b8|\.[bf]32) (\w+)(?:\[(\d+)\])?")]
    private static partial Regex ParameterPattern();

    [GeneratedRegex(@"^(\w+):$")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"^\.(shared|local) \.align \d+ \.b(8|32) (\w+)\[(\d+)\]$")]
    private static partial Regex VariablePattern();

    private void Declare(string text)
    {
        Match m = VariablePattern().Match(text);
        if (!m.Success) throw new NotSupportedException(text);
        int bytes = int.Parse(m.Groups[4].Value, CultureInfo.InvariantCulture) * (m.Groups[2].Value == "8" ? 1 : 4);
        if (m.Groups[1].Value == "shared")
        {
            _symbols[m.Groups[3].Value] = SharedBytes;
            SharedBytes += bytes;
        }
        else
        {
            _symbols[m.Groups[3].Value] = 16 * _symbols.Count;
        }
    }

    private PtxInstruction Decode(string statement)
    {
        string text = statement;
        Func<PtxThread, bool>? guard = null;
        if (text[0] == '@')
        {
            int space = text.IndexOf(' ', StringComparison.Ordinal);
            bool negated = text[1] == '!';
            int slot = Register(text[(negated ? 2 : 1)..space]);
            guard = t => t.Registers[slot] != 0 != negated;
            text = text[(space + 1)..].Trim();
        }
        int end = text.IndexOfAny([' ', '\t']);
        string op = end < 0 ? text : text[..end];
        string[] operands = end < 0 ? [] : Operands(text[end..]);
        PtxMeeting meeting = op switch
        {
            "bar.sync" => PtxMeeting.Barrier,
            "shfl.sync.bfly.b32" => PtxMeeting.Shuffle,
            "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32" => PtxMeeting.Tf32,
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32" => PtxMeeting.Bf16,
            _ => PtxMeeting.None,
        };
        if (meeting is PtxMeeting.Tf32 or PtxMeeting.Bf16) return new(statement, meeting, null, [.. operands.SelectMany(o => Vector(o))]);
        if (meeting == PtxMeeting.Shuffle)
        {
            if (operands is not [_, _, "1", "31", "0xffffffff"]) throw new NotSupportedException(statement);
            return new(statement, meeting, null, [Register(operands[0]), Register(operands[1])]);
        }
        if (meeting == PtxMeeting.Barrier) return new(statement, meeting, null, []);
        Action<PtxThread> run = op.Split('.')[0] switch
        {
            "bra" when op == "bra" => Branch(operands[0]),
            "ret" => t => t.Done = true,
            "ld" or "st" => Memory(op, operands),
            _ => Compute(op, operands),
        };
        return new(statement, meeting, guard is null ? run : t => { if (guard(t)) run(t); }, []);
    }

    // Labels are known only after all lines are read, so they are looked up when first taken.
    private Action<PtxThread> Branch(string label) => t => t.Next = _labels[label];

    private int[] Vector(string operand) => [.. operand.Trim('{', '}').Split(',', StringSplitOptions.TrimEntries).Select(Register)];

    private static string[] Operands(string text)
    {
        var parts = new List<string>();
        int depth = 0, start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is '{' or '[') depth++;
            if (text[i] is '}' or ']') depth--;
            if (text[i] != ',' || depth > 0) continue;
            parts.Add(text[start..i].Trim());
            start = i + 1;
        }
        parts.Add(text[start..].Trim());
        return [.. parts];
    }

    private Func<PtxThread, ulong> Read(string operand)
    {
        if (_symbols.TryGetValue(operand, out int address)) return _ => (ulong)address;
        if (operand.StartsWith("0f", StringComparison.Ordinal)) return Constant(Convert.ToUInt32(operand[2..], 16));
        if (operand.StartsWith("0x", StringComparison.Ordinal)) return Constant(Convert.ToUInt64(operand[2..], 16));
        if (long.TryParse(operand, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)) return Constant((ulong)number);
        int slot = Register(operand);
        return t => t.Registers[slot];

        static Func<PtxThread, ulong> Constant(ulong value) => _ => value;
    }

    private Action<PtxThread> Memory(string op, string[] operands)
    {
        string[] kind = op.Split('.');
        bool store = kind[0] == "st";
        string place = operands[store ? 1 : 0], at = operands[store ? 0 : 1].Trim('[', ']');
        (place, at) = store ? (operands[1], operands[0].Trim('[', ']')) : (operands[0], operands[1].Trim('[', ']'));
        int plus = at.IndexOf('+', StringComparison.Ordinal);
        ulong offset = plus < 0 ? 0 : ulong.Parse(at[(plus + 1)..], CultureInfo.InvariantCulture);
        string name = plus < 0 ? at : at[..plus];
        int size = kind[^1].EndsWith("64", StringComparison.Ordinal) ? 8 : 4;
        int[] slots = place[0] == '{' ? Vector(place) : [];
        Func<PtxThread, ulong>? value = store && slots.Length == 0 ? Read(place) : null;
        int target = slots.Length == 0 && !store ? Register(place) : 0;
        int parameter = kind[1] == "param" ? _parameters[name] : 0;
        Func<PtxThread, ulong> start = kind[1] == "param" ? _ => (ulong)parameter : Read(name);
        string space = kind[1];
        return t =>
        {
            ulong from = start(t) + offset;
            if (slots.Length == 0)
            {
                if (store) t.Group.Write(t, space, from, size, value!(t));
                else t.Registers[target] = t.Group.Read(t, space, from, size);
                return;
            }
            if (from % (ulong)(size * slots.Length) != 0) throw new InvalidOperationException($"{op} at an address that is not aligned: {from}");
            for (int i = 0; i < slots.Length; i++)
            {
                if (store) t.Group.Write(t, space, from + (ulong)(size * i), size, t.Registers[slots[i]]);
                else t.Registers[slots[i]] = t.Group.Read(t, space, from + (ulong)(size * i), size);
            }
        };
    }

    private Action<PtxThread> Compute(string op, string[] operands)
    {
        int target = Register(operands[0]);
        Func<PtxThread, ulong> a = Read(operands[1]), b = operands.Length > 2 ? Read(operands[2]) : a, c = operands.Length > 3 ? Read(operands[3]) : a;
        Func<ulong, ulong, ulong, ulong> f = PtxArithmetic.Of(op);
        return t => t.Registers[target] = f(a(t), b(t), c(t));
    }
}
