using System.Text;

namespace IlgpuSpp.KernelTool;

/// <summary>Lines of C#, indented, ended as in the repository.</summary>
internal sealed class KernelWriter
{
    private readonly StringBuilder _text = new();

    public void Lines(int indent, params IEnumerable<string> lines)
    {
        foreach (string line in lines) _text.Append(' ', line.Length == 0 ? 0 : indent).Append(line).Append('\n');
    }

    /// <summary>A block of text as it stands.</summary>
    public void Block(string text) => _text.Append(text.ReplaceLineEndings("\n")).Append('\n');

    /// <summary>A call that puts PTX instructions into the kernel, with its arguments.</summary>
    public void Ptx(int indent, string call, IEnumerable<string> instructions, string arguments)
    {
        string[] all = [.. instructions];
        Lines(indent, $"CudaAsm.{call}(");
        for (int i = 0; i < all.Length; i++)
            Lines(indent + 4, i + 1 < all.Length ? $"\"{all[i]}; \" +" : $"\"{all[i]};\"{(arguments.Length == 0 ? "" : ", ")}{arguments});");
    }

    public override string ToString() => _text.ToString();
}
