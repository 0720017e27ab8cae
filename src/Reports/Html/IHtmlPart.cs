namespace IlgpuSpp.Reports;

/// <summary>A piece of a page that writes itself.</summary>
public interface IHtmlPart
{
    /// <summary>Writes the piece as well-formed markup, every element closed.</summary>
    /// <param name="writer">Where to.</param>
    void WriteTo(HtmlWriter writer);
}
